"""`contactory worker`: a process that runs accepted jobs, beside a service or on another machine."""

from __future__ import annotations


def worker() -> None:
    """Run accepted jobs until SIGINT or SIGTERM. The present chunk is finished first."""
    import signal

    from contactory.app import make_worker
    from contactory.cli.database import open_database
    from contactory.model.limits import START_SECONDS
    from contactory.settings import Settings
    from contactory.store.session import require_fit
    from contactory.telemetry import logs

    settings = Settings.from_environment()
    logs.configure(settings.log_level)
    with (
        open_database(settings, exclusive=False, patience=START_SECONDS) as url,
        make_worker(settings, url) as working,
    ):
        require_fit(url)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: working.stop())
        working.run()
