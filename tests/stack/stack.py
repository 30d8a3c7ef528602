"""The deployed stack, with a customer's eyes and an operator's: queues, events, Direct Connect, waiting for either."""

import json
import os
import subprocess
import time
import urllib.request
import uuid

import boto3
import botocore.config

import account as account_module

PARENT = "dxcon-ffabc123"
# A redelivery is waited for in real time: shorter than the template's three minutes, set once those have been checked.
VISIBILITY_TIMEOUT_SECONDS = 1


class Stack:
    def __init__(self, account, deployment, direct_connect):
        self.account, self.deployment, self.direct_connect = account, deployment, direct_connect
        self.api = deployment.outputs["ApiUrl"].split("//")[1].split(".")[0]
        self.orders = deployment.ids["OrdersQueue"]
        self.dead_orders = deployment.ids["OrdersDeadLetterQueue"]
        self.releases = deployment.ids["ReleasesQueue"]
        self.is_fifo = self.orders.endswith(".fifo")
        self._listen()
        self.desk = account.somebody("order-desk", *self._desk_rights())

    def hurry(self):
        for queue in (self.orders, self.releases):
            self.account.client("sqs").set_queue_attributes(
                QueueUrl=queue, Attributes={"VisibilityTimeout": str(VISIBILITY_TIMEOUT_SECONDS)}
            )

    def order(self, number, **changes):
        """An order for a VLAN of its own, as a message."""
        return {
            "idempotencyKey": f"order-{number}",
            "connectionId": PARENT,
            "ownerAccount": "111122223333",
            "bandwidth": "50Mbps",
            "connectionName": f"Example Corp {number}",
            "vlan": number,
        } | changes

    def send(self, queue, *messages):
        """Sends as the order desk does: with an SQS client, and with rights to send and no others."""
        client = self.desk.client("sqs")
        for start in range(0, len(messages), 10):
            entries = [
                {"Id": str(position), "MessageBody": message if isinstance(message, str) else json.dumps(message)}
                | self.group(queue)
                for position, message in enumerate(messages[start : start + 10])
            ]
            answer = client.send_message_batch(QueueUrl=queue, Entries=entries)
            assert not answer.get("Failed"), answer

    def put(self, source, detail_type, detail):
        """Puts an event on the stack's bus, as somebody else's system."""
        entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail)}
        bus = self.deployment.outputs["EventBusName"]
        answer = self.account.client("events").put_events(Entries=[entry | {"EventBusName": bus}])
        assert not answer["FailedEntryCount"], answer

    def group(self, queue):
        """What a FIFO queue wants with each message: a group of its own, and nothing taken for a repetition."""
        if not queue.endswith(".fifo"):
            return {}
        return {"MessageGroupId": str(uuid.uuid4()), "MessageDeduplicationId": str(uuid.uuid4())}

    def call(self, method, path, body=None, headers=None, caller=None, signed=True):
        caller = caller or self.desk
        return caller.call_api(self.api, method, path, body, headers, signed)

    def invoke(self, function, event):
        """A direct invocation: the answer, and whether it failed."""
        answer = self.account.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
        return json.loads(answer["Payload"].read()), "FunctionError" in answer

    def connections(self, number=None):
        """The living hosted connections, or those on one VLAN."""
        with urllib.request.urlopen(f"{self.direct_connect}/_local/connections", timeout=30) as response:
            found = json.load(response)
        living = [one for one in found if one["connectionState"] not in ("deleted", "rejected")]
        return [one for one in living if number is None or one["vlan"] == number]

    def operate(self, *arguments, folder=None):
        """An operator's command, which prints JSON, as it ended."""
        command, environment = self._operator(arguments)
        return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)

    def operating(self, *arguments):
        """An operator's command that goes on."""
        command, environment = self._operator(arguments)
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    def _operator(self, arguments):
        outputs, keys = self.deployment.outputs, self.account.keys
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_REGION": account_module.REGION,
            "AWS_ACCESS_KEY_ID": keys["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": keys["aws_secret_access_key"],
            "ALLOCATIONS_TABLE_NAME": outputs["TableName"],
            "EVENT_BUS_NAME": outputs["EventBusName"],
            "AWS_ENDPOINT_URL": f"http://{self.account.address}",
            "AWS_ENDPOINT_URL_DIRECT_CONNECT": self.direct_connect,
        }
        return [self.operator, "--json", *arguments], environment

    def partner(self):
        """A client of Direct Connect, as somebody has it who works by hand."""
        settings = botocore.config.Config(retries={"max_attempts": 0})
        return boto3.client(
            "directconnect",
            region_name=account_module.REGION,
            endpoint_url=self.direct_connect,
            config=settings,
            **self.account.keys,
        )

    def customer(self, connection, does):
        self._tell(f"/_local/connections/{connection}/{does}", b"")

    def go_wrong(self, fault):
        self._tell("/_local/faults", fault.encode())

    def go_right(self):
        request = urllib.request.Request(f"{self.direct_connect}/_local/faults", method="DELETE")
        urllib.request.urlopen(request, timeout=30).close()

    def calls(self, operation, vlan):
        """How often Direct Connect was asked for this VLAN."""
        return sum(one["operation"] == operation and one["body"].get("vlan") == vlan for one in self.requests())

    def requests(self):
        """All that Direct Connect was asked, in order."""
        with urllib.request.urlopen(f"{self.direct_connect}/_local/requests", timeout=30) as response:
            return json.load(response)

    def events(self, detail_type=None, key=None):
        """What a consumer of the bus has heard so far."""
        client = self.account.client("sqs")
        while messages := client.receive_message(QueueUrl=self.consumer, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.heard.append(json.loads(message["Body"]))
                client.delete_message(QueueUrl=self.consumer, ReceiptHandle=message["ReceiptHandle"])
        return [
            event
            for event in self.heard
            if detail_type in (None, event["detail-type"]) and key in (None, event["detail"]["idempotencyKey"])
        ]

    def queue_attributes(self, name):
        return self.attributes(self.deployment.ids[name])

    def attributes(self, url):
        client = self.account.client("sqs")
        return client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    def redrive_policy(self, name):
        return json.loads(self.queue_attributes(name)["RedrivePolicy"])

    def waiting(self, url):
        """Messages in the queue, those being worked on included."""
        found = self.attributes(url)
        return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])

    def until(self, condition, what, seconds=30):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.05)

    def until_empty(self, url):
        self.until(lambda: self.waiting(url) == 0, "the queue is empty")

    def _tell(self, path, body):
        urllib.request.urlopen(urllib.request.Request(self.direct_connect + path, data=body), timeout=30).close()

    def _listen(self):
        """A consumer's own rule and queue on the stack's bus."""
        self.heard = []
        queues, events = self.account.client("sqs"), self.account.client("events")
        self.consumer = queues.create_queue(QueueName="consumer")["QueueUrl"]
        arn = self.attributes(self.consumer)["QueueArn"]
        bus = self.deployment.outputs["EventBusName"]
        rule = events.put_rule(
            Name="consumer", EventBusName=bus, EventPattern=json.dumps({"source": ["hosted-connections"]})
        )["RuleArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        queues.set_queue_attributes(QueueUrl=self.consumer, Attributes={"Policy": policy})
        events.put_targets(Rule="consumer", EventBusName=bus, Targets=[{"Id": "consumer", "Arn": arn}])

    def _desk_rights(self):
        queues = [self.deployment.outputs["QueueArn"], self.deployment.outputs["ReleasesQueueArn"]]
        api = f"arn:aws:execute-api:*:*:{self.api}/*"
        return (
            # On AWS the first covers batches, too.
            {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:SendMessageBatch"], "Resource": queues},
            {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": api},
        )
