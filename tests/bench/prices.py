"""AWS's list prices in US dollars, us-east-1, as published in 2025: look again before relying on them.

The page of each service says what it is for. arm64, on demand, standard table class, first tier.
"""

# aws.amazon.com/lambda/pricing: arm64, first tier; billed by the millisecond, the init phase included.
LAMBDA_GB_SECOND = 0.0000133334
LAMBDA_REQUEST = 0.20 / 1e6
# aws.amazon.com/dynamodb/pricing/on-demand: standard table class.
DYNAMODB_WRITE_UNIT = 0.625 / 1e6
DYNAMODB_READ_UNIT = 0.125 / 1e6
# aws.amazon.com/eventbridge/pricing: custom events, per 64 KB.
EVENTBRIDGE_EVENT = 1.00 / 1e6
# aws.amazon.com/cloudwatch/pricing: ingestion of logs.
LOGS_GB = 0.50

# docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html: "At 1,769 MB, a function has the equivalent of one vCPU."
MB_PER_VCPU = 1769
