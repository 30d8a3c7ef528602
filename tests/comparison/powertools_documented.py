"""The usual way: batch and idempotency from Powertools, put together as its documentation does ("Integration with
Batch Processor"). The key is the customer's order id, which is kinder to it than the documentation's message id.
"""

import json
import os

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent_function

direct_connect = boto3.client("directconnect")
events = boto3.client("events")

processor = BatchProcessor(event_type=EventType.SQS)
persistence = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE"])
config = IdempotencyConfig(
    event_key_jmespath="powertools_json(body).idempotencyKey",
    # The default is an hour. One case sets it to a second, so that nobody has to wait for an hour.
    **({"expires_after_seconds": int(window)} if (window := os.environ.get("EXPIRES_AFTER_SECONDS")) else {}),
)


@idempotent_function(data_keyword_argument="record", config=config, persistence_store=persistence)
def record_handler(record: SQSRecord):
    order = json.loads(record.body)
    connection = direct_connect.allocate_hosted_connection(
        connectionId=order["connectionId"],
        ownerAccount=order["ownerAccount"],
        bandwidth=order["bandwidth"],
        connectionName=order["connectionName"],
        vlan=order["vlan"],
    )
    told = events.put_events(
        Entries=[
            {
                "EventBusName": os.environ["EVENT_BUS_NAME"],
                "Source": "hosted-connections",
                "DetailType": "Hosted Connection Allocated",
                "Detail": json.dumps(
                    {
                        "idempotencyKey": order["idempotencyKey"],
                        "connection": {"connectionId": connection["connectionId"]},
                    }
                ),
            }
        ]
    )
    if told["FailedEntryCount"]:
        raise RuntimeError("the event was not taken")
    return {"connectionId": connection["connectionId"]}


def lambda_handler(event, context):
    config.register_lambda_context(context)  # so that a record in progress expires with the invocation
    return process_partial_response(event=event, context=context, processor=processor, record_handler=record_handler)
