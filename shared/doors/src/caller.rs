//! Who has sent a request, as its envelope shows: what a gateway's authorizer or a queue has written into it.
//!
//! Never a header, a body or a message's attribute: those are the caller's own words. Whoever may invoke the function itself
//! can make up a whole envelope, though, and with it anybody's name; see the threat model.

use std::collections::HashMap;

use hosted_connection::Identity;

use crate::envelope::Members;

/// The sender of an HTTP request, from its `requestContext`. A load balancer's shows none, nor does one of a route without
/// an authorizer.
///
/// | authorizer | payload 2.0 and function URL | payload 1.0 |
/// |---|---|---|
/// | IAM | `authorizer.iam.callerId`, `userArn` | `identity.caller`, `userArn` |
/// | JWT, Cognito user pool | `authorizer.jwt.claims.sub` | `authorizer.claims.sub` |
/// | Lambda | `authorizer.lambda.principalId` | `authorizer.principalId` |
pub(crate) fn of_request(context: &Members<'_>) -> Option<Identity> {
    let iam = |identity: Members<'_>, id: &str| {
        let (id, arn) = (identity.text(id), identity.text("userArn"));
        Identity::iam(id.as_deref(), arn.as_deref())
    };
    if let Some(found) = context
        .object("identity")
        .and_then(|who| iam(who, "caller"))
    {
        return Some(found);
    }
    let authorizer = context.object("authorizer")?;
    if let Some(found) = authorizer
        .object("iam")
        .and_then(|who| iam(who, "callerId"))
    {
        return Some(found);
    }
    let jwt = authorizer.object("jwt").unwrap_or_default();
    let claims = jwt.object("claims").or_else(|| authorizer.object("claims"));
    if let Some(subject) = claims.and_then(|claims| claims.text("sub")) {
        return Identity::token(&subject);
    }
    let named = authorizer.object("lambda").unwrap_or_default();
    let principal = named
        .text("principalId")
        .or_else(|| authorizer.text("principalId"))?;
    Identity::authorizer(&principal)
}

/// The sender of a queue's message, from its `attributes`: `SenderId` is the unique id of a user or, with its session, of a
/// role. A message that a service has put into the queue has the service's.
pub(crate) fn of_message(attributes: &HashMap<String, String>) -> Option<Identity> {
    Identity::iam(attributes.get("SenderId").map(String::as_str), None)
}

#[cfg(test)]
mod tests;
