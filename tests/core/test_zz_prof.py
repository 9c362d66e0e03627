import sys, time, cProfile, pstats, gc
sys.path.insert(0,"/tmp/eb-work")
from tests.core.one_call.running import run
from contactory.demo import everbridge, people
from contactory.dialects.everbridge.rows import write_batch
from contactory.dialects.everbridge.targets import WriteOptions
from contactory.dialects.everbridge import __init__ as E
from contactory.model.directory import SaveEntry
import msgspec

def test_it(database, administration):
    org = administration.create_organization("P")
    def ex(c): return run(database, org, c)
    for n in ("Head office", "Field", "Night shift", "First aid"): ex(SaveEntry(kind="group", name=n))
    for n in ("Department", "Locker", "Car"): ex(SaveEntry(kind="attribute", name=n, details={"dataType":"STRING","displayFormat":"F"}))
    def body(first, n, rev=0):
        rows=[everbridge.contact(p) for p in people.contacts(n, first=first, revision=rev, everyone=True)]
        for r in rows: r["suffix"]=str(rev)
        return msgspec.json.encode(rows)
    out=[]
    for name, b, creates in [("warm", body(0,10000), True)]+[("create", body(10000*(i+1),10000), True) for i in range(4)]+[("update", body(10000*(i+1),10000,i+1), False) for i in range(4)]:
        p=cProfile.Profile(time.thread_time)
        t=time.perf_counter(); c=time.thread_time()
        p.enable() if name!="warm" and "prof" in sys.argv[-1] else None
        ex(write_batch(b, WriteOptions(creates=creates), org, 10000))
        p.disable()
        out.append(f"{name} wall {(time.perf_counter()-t)*1e3:.0f} cpu {(time.thread_time()-c)*1e3:.0f}")
        last=(name,p)
        if name in("create","update"): P[name]=p
    for o in out: print(o)
    for n,p in P.items():
        print("=====",n)
        try: pstats.Stats(p).sort_stats("tottime").print_stats(22); pstats.Stats(p).sort_stats("cumtime").print_stats(45)
        except TypeError: pass
P={}
