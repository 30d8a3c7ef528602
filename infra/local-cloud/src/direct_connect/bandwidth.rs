//! The bandwidths that AWS sells.

/// The bandwidths that AWS sells, in Mbps.
const BANDWIDTHS: [(&str, u64); 11] = [
    ("50Mbps", 50),
    ("100Mbps", 100),
    ("200Mbps", 200),
    ("300Mbps", 300),
    ("400Mbps", 400),
    ("500Mbps", 500),
    ("1Gbps", 1_000),
    ("2Gbps", 2_000),
    ("5Gbps", 5_000),
    ("10Gbps", 10_000),
    ("25Gbps", 25_000),
];

/// The bandwidth in Mbps, if AWS sells it.
pub(super) fn mbps(bandwidth: &str) -> Option<u64> {
    BANDWIDTHS
        .iter()
        .find_map(|(name, mbps)| (*name == bandwidth).then_some(*mbps))
}
