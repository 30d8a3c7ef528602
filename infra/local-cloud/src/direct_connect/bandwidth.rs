//! The bandwidths that AWS sells.

/// The bandwidths that AWS sells, as it spells them.
pub(crate) const BANDWIDTHS: [&str; 11] = [
    "50Mbps", "100Mbps", "200Mbps", "300Mbps", "400Mbps", "500Mbps", "1Gbps", "2Gbps", "5Gbps",
    "10Gbps", "25Gbps",
];

/// The bandwidth in Mbps, if AWS sells it.
pub(super) fn mbps(bandwidth: &str) -> Option<u64> {
    let sold = BANDWIDTHS.iter().find(|sold| **sold == bandwidth)?;
    match sold.strip_suffix("Gbps") {
        Some(gbps) => Some(gbps.parse::<u64>().ok()? * 1_000),
        None => sold.strip_suffix("Mbps")?.parse().ok(),
    }
}
