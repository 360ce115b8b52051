//! Files as they are, read through `io::csv`. The sums were reckoned by another program, in decimals.

use std::{collections::BTreeSet, fs};

use patronage::{
    domain::{Currency, Duplicates, Finding, Ledger, Policies},
    io::csv::{DateFormat, Reader, Separator},
    summary::Observation,
};

use super::data;

/// CDNOW, where the id, the date and the dollars are so many columns from the left.
fn cdnow(file: &str, header: bool, id: usize) -> Ledger {
    Reader::new(Currency::USD)
        .columns(id, id + 1, id + 3)
        .quantity(id + 2)
        .header(header)
        .separator(Separator::Spaces)
        .dates(DateFormat::compact())
        .integer_ids()
        .open(data(file))
        .unwrap()
}

fn facts(ledger: &Ledger) -> (usize, usize, String, [u64; 2]) {
    let counts = [Finding::ZeroAmount, Finding::ExactDuplicate].map(|it| ledger.findings().count(it));
    (ledger.len(), ledger.customers().len(), ledger.revenue().to_string(), counts)
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn cdnow_as_it_is() {
    let sample = cdnow("cdnow_sample.txt", false, 1);
    assert_eq!(facts(&sample), (6919, 2357, "244091.94 USD".to_owned(), [8, 21]));
    let master = cdnow("cdnow_master.txt", true, 0);
    assert_eq!(facts(&master), (69_659, 23_570, "2500315.63 USD".to_owned(), [80, 255]));
}

fn retail() -> Reader {
    Reader::new(Currency::GBP)
        .customer("CustomerID")
        .integer_ids()
        .date("InvoiceDate")
        .quantity("Quantity")
        .unit_price("UnitPrice")
        .order("InvoiceNo")
        .product("StockCode")
        .cancelled_orders_start_with("C")
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn online_retail_as_it_is() {
    let ledger = retail().open(data("online_retail_2010-12.csv")).unwrap();
    let findings = ledger.findings();
    assert_eq!((findings.rows(), findings.left_out()), (42_481, 0));
    for (finding, count) in [
        (Finding::MissingCustomer, 15_631),
        (Finding::Cancelling, 728),
        (Finding::NonPositivePrice, 273),
        (Finding::ExactDuplicate, 500),
        (Finding::Refund, 728),
        (Finding::ZeroAmount, 273),
        (Finding::Unreadable, 0),
        (Finding::Rounded, 0),
    ] {
        assert_eq!(findings.count(finding), count, "{finding:?}");
    }
    assert_eq!(ledger.customers().len(), 948);
    assert_eq!(ledger.revenue().to_string(), "748957.02 GBP");
    let nobodys: i64 = ledger.anonymous().amounts().iter().sum();
    assert_eq!(ledger.revenue().minor() - nobodys, 55_460_402);
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn duplicates_are_equal_in_every_column() {
    let policies = Policies::default().duplicates(Duplicates::Drop);
    let ledger = retail().policies(policies).open(data("online_retail_2010-12.csv")).unwrap();
    assert_eq!(ledger.len(), 42_481 - 500);
    assert_eq!(ledger.findings().left_out(), 500);
}

#[test]
#[ignore = "needs PATRONAGE_DATA, the data beside the project"]
fn orders_are_invoices_that_do_not_cancel() {
    let ledger = retail().open(data("online_retail_2010-12.csv")).unwrap();
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
