//! Words that say nothing about anybody: AWS's own, ours, and those of which AWS's messages are made. Every other word is
//! replaced, so a word that is missing here costs legibility and nothing else.

use std::collections::HashSet;
use std::sync::LazyLock;

/// In lower case, separated by white space.
const WORDS: &str = "
a about access account accounts action active after again all allocate allocated allocatehostedconnection allocation
allocations allow allowed allows already also an and another any are arn as assigned associate associated
associatehostedconnection associates assumed at attached attempt attribute authorization authorized available aws
awsevents bad bandwidth bandwidths be because been before being belong belongs between body both bus but by can cannot
capacity caller change changed character characters client code com condition conditional confirm confirmed connection
connectionid connectionname connections constraint contain contains could count create created credentials customer date detail
deleted deleteconnection deleting delete denied denies describe describehostedconnections describeinterconnects
describelags describelocations details detected device did different directconnect directconnectclientexception
directconnectserverexception does doesn down duplicate duplicatetagkeysexception dxcon dxlag dxvif dynamodb each eligible
empty enabled encryption entries entry error event events exceed exceeded exceeds exception exist exists expected expired
explicit failed field find following for found from get greater group had has have hosted hosted-connection iam id
identity if in includes incorrect instance insufficient interconnect interconnects interface internal internalfailure
invalid is isn it item its key keys lag lags length less letters limit limited list location lock long longer malformed
many match maximum may member members message minimum missing more must name names needs new next nexttoken no not null
number of on one only operation or order ordering other over owner owneraccount page parameter parent partner partners
pattern pending per perform permission policy port ports process provided putevents quota range rate reached reason
refused region rejected request requested requests required resource resources resource-based results retry role same satisfy
security server service session set should size sold some source specified sqs state states status string successful supported
supports sure table tag tags than that the their there these this throttled throttling throttlingexception time to token
too toomanytagsexception transaction transition transitioning try type unable unauthorized unavailable unknown unsupported
until update updated use used user using valid validation validationexception value values virtual vlan vlans was were
when which while with within without write yes you your
amazonaws associating billing capable ckn disassociated disassociating frame has issue jumbo limiter links loa logical mac
max mode pool prefix providers provider redundancy remaining sec secretsmanager sizes speed speeds start total
unallocated up lost timeout
batch cancellation consistent consumed evaluated exclusive expression forward index items projection put query read reasons
responses scan scanned select unprocessed
us eu ap sa ca me af il mx cn gov iso north south east west central northeast northwest southeast southwest
50mbps 100mbps 200mbps 300mbps 400mbps 500mbps 1gbps 2gbps 5gbps 10gbps 25gbps 100gbps 400gbps
true false none ok s n m l b bool ss ns all_old all_new attribute_exists attribute_not_exists begins_with
conditionalcheckfailed transactioncanceledexception conditionalcheckfailedexception accessdeniedexception
hosted-connections payasyougo no_encrypt should_encrypt must_encrypt
";

/// Longest of them.
const LONGEST: usize = 40;

static KNOWN: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.split_ascii_whitespace().collect());

/// Whether the word may be written as it is.
pub(crate) fn holds(word: &str) -> bool {
    word.len() <= LONGEST && KNOWN.contains(word.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_longer_than_is_looked_for() {
        assert!(KNOWN.iter().all(|word| word.len() <= LONGEST));
    }

    #[test]
    fn words_of_messages_are_held_in_any_case_and_names_are_not() {
        for word in [
            "VLAN",
            "already",
            "Rate",
            "exceeded",
            "DirectConnectClientException",
            "50Mbps",
        ] {
            assert!(holds(word), "{word}");
        }
        for word in [
            "Example",
            "Corp",
            "acme",
            "frankfurt",
            "conformance",
            "local",
            "AKIA",
            "secret",
        ] {
            assert!(!holds(word), "{word}");
        }
    }
}
