//! One order whose caller waits for the answer: what HTTP and direct invocation have in common.

use allocation::{Allocator, Answer, Deadline, Delivery, Failure};
use doors::Refusal;
use hosted_connection::{InvalidRequest, Order, Origin, Receipt};

use crate::decision::Subject;
use crate::refusal;

/// Places the order, unless it is invalid: its caller is told so at once, and AWS never hears of it. While nobody can tell
/// what its caller may do, it is not even looked at.
///
/// Answers with the receipt and whether it is a replay.
///
/// # Errors
/// Whatever is to be told instead of a receipt.
pub(crate) async fn place(
    allocator: &Allocator,
    order: Result<Result<Order, InvalidRequest>, Failure>,
    origin: Origin,
    deadline: Deadline,
) -> Result<(Receipt, bool), Refusal> {
    let order = match order {
        Ok(order) => order,
        Err(failure) => {
            let answer = Answer::from(failure);
            Subject::new(None, &origin).decided(&answer, allocator.meter());
            return refusal::unless_allocated(answer);
        }
    };
    let delivery = Delivery {
        order,
        origin,
        group: None,
        trace: None,
        comes_again: false,
        held: None,
    };
    let subject = Subject::of(&delivery);
    if let Err(invalid) = &delivery.order {
        subject.invalid(invalid.code, allocator.meter());
        return Err(Refusal::from(invalid.rejection()));
    }
    let answer = allocator.run(vec![delivery], deadline).await.pop();
    let answer = answer.unwrap_or_else(|| {
        let detail = "the order got no answer".into();
        Failure::Defect { detail }.into()
    });
    subject.decided(&answer, allocator.meter());
    refusal::unless_allocated(answer)
}
