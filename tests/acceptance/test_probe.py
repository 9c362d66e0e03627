from .client import Api, contact
def test_a(api: Api) -> None:
    print(api.send(contact(1)))
    print(api.contact(1))
