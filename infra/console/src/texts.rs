//! Small pieces of text and links that several parts show.

use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// A query parameter's value, encoded.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// Somebody else's text. It is isolated, so that characters which turn the direction of writing end where it ends.
pub(crate) fn foreign(text: &str) -> Markup {
    html! { bdi class="foreign" { (text) } }
}

/// A link to an order.
pub(crate) fn order_link(key: &str) -> Markup {
    html! { a href={ "/console/order?key=" (encoded(key)) } { (foreign(key)) } }
}

/// A link to a parent.
pub(crate) fn parent_link(id: &str) -> Markup {
    html! { a class="id" href={ "/console/parent?id=" (encoded(id)) } { (id) } }
}

/// The parent on which an order leases its VLAN; where none is chosen yet, or none could be, what it was to be chosen by.
pub(crate) fn place_link(record: &ledger::Record) -> Markup {
    match &record.lease_parent {
        Some(parent) => parent_link(parent.as_str()),
        None => html! { "none (" (foreign(&record.request.target.to_string())) ")" },
    }
}

/// A status with a mark of its own, so that it is not told by colour alone.
pub(crate) fn status(word: &str) -> Markup {
    let (mark, kind) = match word {
        "allocated" | "available" => ("✓", "good"),
        "released" | "deleted" => ("○", "calm"),
        "rejected" | "quarantined" | "down" => ("✗", "bad"),
        "inProgress" | "unresolved" | "waiting" | "releasing" | "ordering" | "pending" => {
            ("…", "open")
        }
        _ => ("·", "calm"),
    };
    html! { span class={ "status " (kind) } { span aria-hidden="true" { (mark) } " " (words(word)) } }
}

/// A status of the API in words.
pub(crate) fn words(word: &str) -> &str {
    match word {
        "inProgress" => "in progress",
        other => other,
    }
}

/// So many Mbps, as people write them.
pub(crate) fn bandwidth(mbps: u64) -> String {
    match mbps {
        0 => "0 Mbps".to_owned(),
        _ if mbps.is_multiple_of(1000) => format!("{} Gbps", mbps / 1000),
        _ if mbps > 10_000 => format!("{}.{} Gbps", mbps / 1000, mbps % 1000 / 100),
        _ => format!("{mbps} Mbps"),
    }
}

/// Mbps of a port in AWS's spelling.
pub(crate) fn mbps(text: &str) -> Option<u64> {
    if let Some(gbps) = text.strip_suffix("Gbps") {
        return gbps.parse::<u64>().ok().map(|gbps| gbps * 1000);
    }
    text.strip_suffix("Mbps")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bandwidths_are_read_and_written() {
        assert_eq!(mbps("10Gbps"), Some(10_000));
        assert_eq!(mbps("50Mbps"), Some(50));
        assert_eq!(mbps("fast"), None);
        assert_eq!(bandwidth(10_000), "10 Gbps");
        assert_eq!(bandwidth(300), "300 Mbps");
        assert_eq!(bandwidth(12_350), "12.3 Gbps");
    }

    #[test]
    fn somebody_elses_text_stays_text() {
        let shown = foreign("<script>alert(1)</script>\u{202e}abc").into_string();
        assert!(shown.contains("&lt;script&gt;"), "{shown}");
        assert!(shown.starts_with("<bdi"), "{shown}");
        let link = order_link("a&b\"c/../d").into_string();
        assert!(link.contains("a%26b%22c%2F%2E%2E%2Fd"), "{link}");
    }
}
