from portal.claims.rules import Decision
from tests import cast
from tests.claims import acts


def test_smoke(database, owner, tmp_path):
    file = acts.a_file(database, tmp_path)
    number = acts.claimed(database, acts.expenses(files=(file,)))
    found = acts.seen(database, number)
    print(found)
    found = acts.seen(database, number, by=cast.east_manager)
    print(found.acts, found.doubts)
    print(acts.decided(database, number))
    print(acts.seen(database, number).steps)
    number2 = acts.claimed(database, acts.expenses("20000", invoices=(acts.an_invoice("2", "20000"),)))
    print(acts.batch(database, number2, number))
    print(acts.decided(database, number2))
    print(acts.decided(database, number2, Decision.RETURN, by=cast.hq_finance, reason="x"))
    acts.edited(database, number2, acts.expenses("20000", invoices=(acts.an_invoice("3", "20000"),)))
    acts.submitted(database, number2)
    print(acts.decided(database, number2))
    print(acts.decided(database, number2, Decision.APPROVE, "100", by=cast.hq_finance, reason="less"))
    print(acts.seen(database, number2))


def test_period(given, database):
    programme = acts.a_programme(given, database)
    number = acts.claimed(database, acts.of_period(programme))
    print(acts.seen(database, number))
    print(acts.decided(database, number))
