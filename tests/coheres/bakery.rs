//! The bakery's books, by the row road and by way of its CSV: the same ledger.

use patronage::{
    domain::{Currency, Policies},
    io::csv::Reader,
    simulate::Bakery,
    summary::Observation,
};

#[test]
fn the_export_reads_back_as_the_books() {
    let books = Bakery::new(7).books().unwrap();
    let direct = books.ledger(Policies::default()).unwrap();
    let mut export = Vec::new();
    books.write_csv(&mut export).unwrap();
    let reader = Reader::new(Currency::EUR)
        .columns("customer", "date", "amount")
        .order("receipt")
        .product("product")
        .category("category")
        .channel("channel")
        .quantity("quantity")
        .unit_price("unit_price")
        .discount("discount")
        .cost("cost");
    let read = reader.read(export.as_slice()).unwrap();
    assert_eq!(read.revenue(), direct.revenue());
    assert_eq!(read.customers(), direct.customers());
    assert_eq!(read.len(), direct.len());
    let seen = Observation::until(direct.last_day().unwrap());
    let (read, direct) = (seen.summarise(&read).unwrap(), seen.summarise(&direct).unwrap());
    assert_eq!(read.totals(), direct.totals());
    assert_eq!(read.purchases(), direct.purchases());
}
