"""The same by somebody who has read all of the documentation twice: the allocating call is sent once, only it is
inside the idempotent function, another payload under the same key is an error, and records are kept for longer than
a queue can hold a message.
"""

import json
import os

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function
from botocore.config import Config

# The call has no client token, so the SDK must not repeat it.
direct_connect = boto3.client("directconnect", config=Config(retries={"total_max_attempts": 1}))
events = boto3.client("events")

processor = BatchProcessor(event_type=EventType.SQS)
persistence = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
config = IdempotencyConfig(
    event_key_jmespath="idempotencyKey",
    payload_validation_jmespath="@",
    raise_on_no_idempotency_key=True,
    expires_after_seconds=15 * 24 * 60 * 60,
)


@idempotent_function(data_keyword_argument="order", config=config, persistence_store=persistence)
def allocate(order: dict):
    connection = direct_connect.allocate_hosted_connection(
        connectionId=order["connectionId"],
        ownerAccount=order["ownerAccount"],
        bandwidth=order["bandwidth"],
        connectionName=order["connectionName"],
        vlan=order["vlan"],
    )
    return {"connectionId": connection["connectionId"]}


def record_handler(record: SQSRecord):
    order = json.loads(record.body)
    connection = allocate(order=order)
    # Outside: what goes wrong here must not delete the record of what has been done.
    told = events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["EVENT_BUS_NAME"],
                "Source": "hosted-connections",
                "DetailType": "Hosted Connection Allocated",
                "Detail": json.dumps({"idempotencyKey": order["idempotencyKey"], "connection": connection}),
            }
        ]
    )
    if told["FailedEntryCount"]:
        raise RuntimeError("the event was not taken")


def lambda_handler(event, context):
    config.register_lambda_context(context)  # so that a record in progress expires with the invocation
    return process_partial_response(event=event, context=context, processor=processor, record_handler=record_handler)
