"""SQS's part: a message comes back after its visibility timeout until it is done, or has come too often."""

import json
import time
import uuid

from sandbox import TIMEOUT

# Seconds from one delivery to the next. Anybody's lease on the order is over by then: ours is the invocation's time
# and two seconds more. AWS advises six times the invocation's time; that would only take longer.
VISIBILITY_TIMEOUT = TIMEOUT + 4

# As in template.yaml. After that many deliveries a message is moved to the dead-letter queue.
MAX_RECEIVES = 5


class Message:
    def __init__(self, order):
        self.id = str(uuid.uuid4())
        self.order = order
        self.receives = 0
        self.received_at = None
        self.done = False

    @property
    def dead(self):
        return not self.done and self.receives >= MAX_RECEIVES

    def receive(self):
        """The event of the next delivery."""
        self.receives += 1
        self.received_at = time.monotonic()
        sent = str(int(time.time() * 1000))
        return {
            "Records": [
                {
                    "messageId": self.id,
                    "receiptHandle": f"{self.id}-{self.receives}",
                    "body": json.dumps(self.order),
                    "attributes": {
                        "ApproximateReceiveCount": str(self.receives),
                        "SentTimestamp": sent,
                        "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                        "ApproximateFirstReceiveTimestamp": sent,
                    },
                    "messageAttributes": {},
                    "md5OfBody": "",
                    "eventSource": "aws:sqs",
                    "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
                    "awsRegion": "us-east-1",
                }
            ]
        }

    def settle(self, answer):
        """Deletes the message unless the answer, or there being none, returns it."""
        failed = answer is None or any(f["itemIdentifier"] == self.id for f in answer.get("batchItemFailures") or [])
        self.done = self.done or not failed

    def wait_until_visible(self):
        time.sleep(max(0.0, self.received_at + VISIBILITY_TIMEOUT - time.monotonic()))
