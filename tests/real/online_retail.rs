//! Online Retail, December 2010, as it is: an order is many lines, and `C` invoices cancel.

use std::{collections::BTreeSet, fs};

use patronage::{
    domain::{Currency, Finding, Ledger},
    io::csv::Reader,
    summary::Observation,
};

use super::data;

fn read() -> Ledger {
    Reader::new(Currency::GBP)
        .customer("CustomerID")
        .date("InvoiceDate")
        .order("InvoiceNo")
        .quantity("Quantity")
        .unit_price("UnitPrice")
        .product("StockCode")
        .cancelled_orders_start_with("C")
        .open(data("online_retail_2010-12.csv"))
        .unwrap()
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn everything_unusual_is_counted() {
    let ledger = read();
    let found = |finding| ledger.findings().count(finding);
    assert_eq!((ledger.findings().rows(), ledger.findings().left_out()), (42_481, 0));
    assert_eq!(found(Finding::MissingCustomer), 15_631);
    assert_eq!(found(Finding::Cancelling), 728);
    assert_eq!(found(Finding::NonPositivePrice), 273);
    assert_eq!(found(Finding::ExactDuplicate), 500);
    assert_eq!(ledger.anonymous().len(), 15_631);
    assert_eq!(ledger.customers().len(), 948);
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn revenue_reconciles_to_the_penny() {
    // Another program's sum of the same lines, in decimal arithmetic: `benches/peers/agree_rfm.py`.
    let ledger = read();
    assert_eq!(ledger.revenue().to_string(), "748957.02 GBP");
    let known: i64 = ledger.histories().flat_map(|history| history.amounts()).sum();
    assert_eq!(known, 55_460_402);
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn orders_are_invoices_that_do_not_cancel() {
    let ledger = read();
    let people = Observation::until(ledger.last_day().unwrap()).summarise(&ledger).unwrap();
    assert_eq!(people.len(), 885);
    // Counted in the text itself: invoices with a customer whose number does not begin with a C.
    let text = fs::read_to_string(data("online_retail_2010-12.csv")).unwrap();
    let invoices: BTreeSet<&str> = text
        .lines()
        .skip(1)
        .filter(|line| !line.starts_with('C') && line.rsplit(',').nth(1).is_some_and(|id| !id.is_empty()))
        .filter_map(|line| line.split(',').next())
        .collect();
    assert_eq!(people.orders().iter().sum::<u32>() as usize, invoices.len());
}
