"""Reads the template as CloudFormation will: translated by SAM, its conditions and references worked out, for several
partitions and choices of parameters. Nothing is deployed, so it takes seconds; needs what `.ci/tools sam` fetches.

    python3 tests/stack/translated.py
"""

import contextlib
import functools
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import traceback

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SAM = ROOT / "target/tools/sam"
TEMPLATE = ROOT / "template.yaml"

ACCOUNT = "111122223333"
LONGEST_NAME = "s" * 57
# Partition, one of its regions, the end of its services' names.
PARTITIONS = [
    ("aws", "eu-central-1", "amazonaws.com"),
    ("aws-cn", "cn-north-1", "amazonaws.com.cn"),
    ("aws-us-gov", "us-gov-west-1", "amazonaws.com"),
]
CONSOLES = {
    "aws": "https://console.aws.amazon.com/",
    "aws-cn": "https://console.amazonaws.cn/",
    "aws-us-gov": "https://console.amazonaws-us-gov.com/",
}
# Principals that have this name in every partition.
EVERYWHERE = {
    "apigateway.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "events.amazonaws.com",
    "lambda.amazonaws.com",
}
KEY = "arn:{}:kms:{}:" + ACCOUNT + ":key/01234567-89ab-cdef-0123-456789abcdef"
NO_VALUE = object()


class Stack:
    """The translated template with every function worked out, as far as that can be done before anything exists."""

    def __init__(self, partition="aws", region="eu-central-1", suffix="amazonaws.com", name="orders", **parameters):
        self.partition, self.region = partition, region
        self.template = translated(region, json.dumps(parameters, sort_keys=True))
        self.parameters = {key: str(one.get("Default")) for key, one in self.template["Parameters"].items()} | parameters
        self.pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::NoValue": NO_VALUE,
            "AWS::Partition": partition,
            "AWS::Region": region,
            "AWS::StackId": f"arn:{partition}:cloudformation:{region}:{ACCOUNT}:stack/{name}/01234567-89ab-cdef-0123-456789abcdef",
            "AWS::StackName": name,
            "AWS::URLSuffix": suffix,
        }
        there = {
            key: one
            for key, one in self.template["Resources"].items()
            if "Condition" not in one or self.condition(one["Condition"])
        }
        self.names = set(there)
        self.resources = {key: self.value(one) for key, one in there.items()}
        outputs = self.template["Outputs"].items()
        self.outputs = {
            key: self.value(one["Value"]) for key, one in outputs if "Condition" not in one or self.condition(one["Condition"])
        }

    def of_type(self, kind):
        return {name: one["Properties"] for name, one in self.resources.items() if one["Type"] == kind}

    def condition(self, name):
        return self.value(self.template["Conditions"][name])

    def value(self, document):
        if isinstance(document, list):
            found = [self.value(one) for one in document]
            return [one for one in found if one is not NO_VALUE]
        if not isinstance(document, dict):
            return document
        if len(document) == 1:
            (function, argument), = document.items()
            worked_out = self.function(function, argument)
            if worked_out is not None:
                return worked_out
        found = {key: self.value(one) for key, one in document.items()}
        return {key: one for key, one in found.items() if one is not NO_VALUE}

    def function(self, name, argument):
        """What an intrinsic function comes to; None if it is none."""
        match name:
            case "Ref":
                return self.reference(argument)
            case "Fn::GetAtt":
                return self.attribute(*(argument if isinstance(argument, list) else argument.split(".", 1)))
            case "Fn::Sub":
                return self.substituted(argument)
            case "Fn::If":
                condition, yes, no = argument
                return self.value(yes if self.condition(condition) else no)
            case "Fn::Equals":
                one, other = (self.value(part) for part in argument)
                return one == other
            case "Fn::Not":
                return not self.value(argument[0])
            case "Fn::And":
                return all(self.value(part) for part in argument)
            case "Fn::Or":
                return any(self.value(part) for part in argument)
            case "Fn::Select":
                return self.value(argument[1])[int(argument[0])]
            case "Fn::Split":
                return self.value(argument[1]).split(argument[0])
            case "Fn::Join":
                return argument[0].join(self.value(argument[1]))
            case "Fn::FindInMap":
                first, second, third = (self.value(part) for part in argument)
                return self.template["Mappings"][first][second][third]
        if name.startswith("Fn::"):
            raise AssertionError(f"no idea what {name} is")
        return None

    def reference(self, name):
        if name in self.pseudo:
            return self.pseudo[name]
        if name in self.parameters:
            return self.parameters[name]
        assert name in self.names, f"{name} is referred to, and is not there"
        return f"id-of-{name}"

    def attribute(self, name, attribute):
        assert name in self.names, f"{name} is referred to, and is not there"
        if attribute.endswith("Arn"):
            return f"arn:{self.partition}:service:{self.region}:{ACCOUNT}:{name}"
        return f"{attribute}-of-{name}"

    def substituted(self, argument):
        text, variables = argument if isinstance(argument, list) else (argument, {})

        def worked_out(found):
            name = found[1]
            if name in variables:
                return str(self.value(variables[name]))
            return str(self.attribute(*name.split(".", 1)) if "." in name else self.reference(name))

        return re.sub(r"\$\{([^!}][^}]*)\}", worked_out, text)


@functools.cache
def translated(region, parameters):
    command = [sys.executable, str(HERE / "translate.py"), str(TEMPLATE), "packages"]
    environment = os.environ | {"PYTHONPATH": str(SAM), "AWS_DEFAULT_REGION": region}
    done = subprocess.run(command, input=parameters.encode(), env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def texts(document):
    """Every text in it, members' names included."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield name
            yield from texts(value)
    elif isinstance(document, list):
        for value in document:
            yield from texts(value)
    elif isinstance(document, str):
        yield document


def everywhere():
    return [Stack(*where, KmsKeyArn=KEY.format(*where[:2])) for where in PARTITIONS]


def every_partition_has_its_own_arns_services_and_console():
    for stack in everywhere():
        suffix = stack.pseudo["AWS::URLSuffix"]
        for text in texts([stack.resources, stack.outputs]):
            for partition in re.findall(r"arn:([a-z*-]+):", text):
                assert partition == stack.partition, text
            for host in re.findall(r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?", text):
                assert host in EVERYWHERE or host.endswith("." + suffix), f"{host} in {stack.partition}"
        assert stack.outputs["DashboardUrl"].startswith(CONSOLES[stack.partition]), stack.outputs["DashboardUrl"]


def codedeploy_is_trusted_under_its_name_in_the_partition():
    for stack in everywhere():
        role = stack.of_type("AWS::IAM::Role")["DeploymentRole"]
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"]["Service"] == f"codedeploy.{stack.pseudo['AWS::URLSuffix']}", statement
        groups = stack.of_type("AWS::CodeDeploy::DeploymentGroup")
        assert len(groups) == len(stack.of_type("AWS::Lambda::Function"))
        for name, group in groups.items():
            assert group["ServiceRoleArn"].endswith(":DeploymentRole"), f"{name}: {group['ServiceRoleArn']}"


def a_permissions_boundary_is_on_every_role_that_there_is():
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/limits/boundary"
    for stack, expected in ((Stack(PermissionsBoundaryArn=boundary), boundary), (Stack(), None)):
        roles = stack.of_type("AWS::IAM::Role")
        assert len(roles) > len(stack.of_type("AWS::Lambda::Function")), list(roles)
        for name, role in roles.items():
            assert role.get("PermissionsBoundary") == expected, name


def nothing_refers_to_what_a_choice_leaves_out():
    """Each choice alone and all together: a reference to a resource that is not there fails here, and the stack on AWS."""
    choices = {
        "EventSchemas": "left-out",
        "OrdersQueueType": "fifo",
        "KmsKeyArn": KEY.format("aws", "eu-central-1"),
        "AlarmTopicArn": f"arn:aws:sns:eu-central-1:{ACCOUNT}:alarms",
        "DeploymentType": "AllAtOnce",
        "TrackSchedule": "rate(5 minutes)",
        "EventBusName": "bus",
    }
    for chosen in [{name: value} for name, value in choices.items()] + [choices]:
        Stack(**chosen)


def without_registries_there_is_no_schema():
    def schemas(stack):
        return [name for name, one in stack.resources.items() if one["Type"].startswith("AWS::EventSchemas::")]

    assert len(schemas(Stack())) > 4 and "EventRegistryName" in Stack().outputs
    without = Stack(EventSchemas="left-out")
    assert not schemas(without) and "EventRegistryName" not in without.outputs


def the_longest_name_of_a_stack_fits_everything_that_is_named_after_it():
    for kind in ("standard", "fifo"):
        stack = Stack(name=LONGEST_NAME, OrdersQueueType=kind, OrdersQueueGeneration="99")
        for name, queue in stack.of_type("AWS::SQS::Queue").items():
            assert len(queue.get("QueueName", "")) <= 80, f"{name}: {queue['QueueName']}"
        for name, group in stack.of_type("AWS::Logs::LogGroup").items():
            assert len(group.get("LogGroupName", "")) <= 512, name
        (bus,) = stack.of_type("AWS::Events::EventBus").values()
        assert bus["Name"] == LONGEST_NAME and len(bus["Name"]) <= 256


def every_roles_policy_fits_into_the_role():
    """IAM takes 10,240 characters, white space not counted; names of AWS's making may be longer than the ones here."""
    for stack in everywhere():
        for name, role in stack.of_type("AWS::IAM::Role").items():
            length = sum(len(json.dumps(one["PolicyDocument"], separators=(",", ":"))) for one in role.get("Policies", []))
            assert length < 8_000, f"{name}: {length}"


def a_queue_that_was_left_behind_has_another_name():
    def name(**chosen):
        return Stack(**chosen).of_type("AWS::SQS::Queue")["OrdersQueue"]["QueueName"]

    first, second, back = name(), name(OrdersQueueType="fifo"), name(OrdersQueueGeneration="2")
    assert len({first, second, back}) == 3 and second.endswith(".fifo"), (first, second, back)


def a_dead_letter_queue_knows_its_queue_by_name():
    for kind, generation in itertools.product(("standard", "fifo"), ("", "7")):
        queues = Stack(OrdersQueueType=kind, OrdersQueueGeneration=generation).of_type("AWS::SQS::Queue")
        for name in ("Orders", "Releases"):
            (source,) = queues[f"{name}DeadLetterQueue"]["RedriveAllowPolicy"]["sourceQueueArns"]
            assert source.rsplit(":", 1)[1] == queues[f"{name}Queue"]["QueueName"], source


def a_stuck_head_of_a_fifo_queue_is_received_as_often_as_can_be():
    for kind, receives in (("standard", 5), ("fifo", 1000)):
        queues = Stack(OrdersQueueType=kind).of_type("AWS::SQS::Queue")
        assert queues["OrdersQueue"]["RedrivePolicy"]["maxReceiveCount"] == receives
        assert queues["ReleasesQueue"]["RedrivePolicy"]["maxReceiveCount"] == 5, "releases are never FIFO"


def what_is_kept_is_kept_after_translation_too():
    kept = set()
    for name, resource in Stack().resources.items():
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate":
            assert resource["UpdateReplacePolicy"] == "Retain", name
            kept.add(resource["Type"])
        elif resource["Type"] != "AWS::Lambda::Version":  # SAM's own, by which an alias can go back.
            # A plain Retain would leave a named queue or a protected table behind when the first creation fails.
            assert resource.get("DeletionPolicy") in (None, "Delete"), name
    assert kept == {
        "AWS::DynamoDB::Table",
        "AWS::Events::Archive",
        "AWS::Events::EventBus",
        "AWS::Logs::LogGroup",
        "AWS::SQS::Queue",
    }, kept


def every_figure_and_every_alarm_is_of_this_stack():
    stack = Stack(name="east")
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        assert function["Environment"]["Variables"]["STACK_NAME"] == "east", name
    counted = 0
    for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items():
        for metric in [alarm] + [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one]:
            if metric.get("Namespace") == "HostedConnections":
                assert {"Name": "Stack", "Value": "east"} in metric["Dimensions"], name
                counted += 1
    assert counted > 10
    (dashboard,) = stack.of_type("AWS::CloudWatch::Dashboard").values()
    for widget in json.loads(dashboard["DashboardBody"])["widgets"]:
        for row in widget["properties"].get("metrics", []):
            assert row[0] != "HostedConnections" or row[2:4] == ["Stack", "east"], row


def whatever_a_parameter_takes_every_text_that_is_json_stays_json():
    parameters = Stack().template["Parameters"]
    for name in ("Environment", "RunbookBaseUrl", "Service"):
        for breaking in ('a"b', "a\\b", "a\nb", '"', "\\"):
            assert not re.fullmatch(parameters[name]["AllowedPattern"].strip("^$"), breaking), f"{name}={breaking}"
    pattern = parameters["RunbookBaseUrl"]["AllowedPattern"]
    for refused in ('https://a/"', '"', "https://a\\b", "\\", "https://a/", "a b", "a\nb", "", "é"):
        assert not re.fullmatch(pattern.strip("^$"), refused), refused
    visible = "".join(chr(code) for code in range(ord("!"), ord("~") + 1) if chr(code) not in '"\\')
    for taken in ("infra/runbook", "https://wiki.example.com/pages/~ops?a=b&c=[d]#e", visible):
        assert re.fullmatch(pattern.strip("^$"), taken), taken
        stack = Stack(RunbookBaseUrl=taken, name="a-Stack-1")
        read = 0
        for text in texts(stack.resources):
            if text.lstrip().startswith("{"):
                json.loads(text)
                read += 1
        assert read > 5
        assert all(taken in one["AlarmDescription"] for one in stack.of_type("AWS::CloudWatch::Alarm").values())


def the_api_is_what_the_translator_makes_of_it_and_asks_every_caller_for_a_signature():
    """FailOnWarnings is off, so this is what looks at the definition that API Gateway imports. The translator names the
    parameter of `{key+}` with its plus, of which API Gateway may well warn."""
    (api,) = Stack().of_type("AWS::ApiGatewayV2::Api").values()
    assert not api.get("FailOnWarnings"), api["FailOnWarnings"]
    document = api["Body"]
    assert document["openapi"].startswith("3.0"), document["openapi"]
    schemes = document["components"]["securitySchemes"]
    assert schemes["AWS_IAM"]["x-amazon-apigateway-authtype"] == "awsSigv4", schemes
    operations = [
        (method, path, operation) for path, methods in document["paths"].items() for method, operation in methods.items()
    ]
    assert sorted((method, path) for method, path, _ in operations) == [
        ("delete", "/allocations/{key+}"),
        ("get", "/allocations"),
        ("get", "/allocations/{key+}"),
        ("get", "/parents/{connectionId}"),
        ("post", "/allocations"),
        ("x-amazon-apigateway-any-method", "/allocations"),
        ("x-amazon-apigateway-any-method", "/allocations/{key+}"),
        ("x-amazon-apigateway-any-method", "/parents/{connectionId}"),
    ]
    for method, path, operation in operations:
        assert operation["security"] == [{"AWS_IAM": []}], f"{method} {path}"
        integration = operation["x-amazon-apigateway-integration"]
        assert integration["type"] == "aws_proxy" and integration["payloadFormatVersion"] == "2.0", f"{method} {path}"
        named = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert named == set(re.findall(r"\{([^}]+)\}", path)), f"{method} {path}: {named}"
    known = {f"x-amazon-apigateway-{name}" for name in ("any-method", "authtype", "integration", "tag-value")}
    found = {text for text in texts(document) if text.startswith("x-amazon-")}
    assert found <= known, found - known


def no_region_lacks_anything_but_registries():
    """The lint of every region at once; where something is missing a parameter has to be able to leave it out."""
    done = lint(str(TEMPLATE), "--regions", "ALL_REGIONS", "--format", "json")
    findings = json.loads(done.stdout or "[]")
    for finding in findings:
        assert finding["Rule"]["Id"] == "E3006" and "'AWS::EventSchemas::" in finding["Message"], finding
    assert findings, "every region has registries now: the parameter EventSchemas is not needed any more"


def what_was_kept_can_be_imported_into_a_new_stack():
    """The command of infra/runbook/recreate-stack.md, as it stands there."""
    page = (ROOT / "infra/runbook/recreate-stack.md").read_text()
    command = re.search(r"import-template\.py ((?:\w+ )+)< template\.yaml", page)
    names = command[1].split()
    done = subprocess.run(
        [sys.executable, str(ROOT / "infra/runbook/import-template.py"), *names],
        input=TEMPLATE.read_bytes(),
        stdout=subprocess.PIPE,
        check=True,
    )
    kept = translated("eu-central-1", "{}")["Resources"]
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(done.stdout)
        file.flush()
        # What it does not use is no mistake; everything else would be one.
        findings = json.loads(lint(file.name, "--ignore-checks", "W2001", "W8001", "--format", "json").stdout or "[]")
    assert not findings, findings
    listed = dict(re.findall(r'"ResourceType": "([\w:]+)", "LogicalResourceId": "(\w+)"', page))
    assert {name: kind for kind, name in listed.items()} == {name: kept[name]["Type"] for name in names}, listed
    for name in names:
        assert kept[name]["DeletionPolicy"] == "RetainExceptOnCreate", name


def lint(*arguments):
    environment = os.environ | {"PYTHONPATH": str(SAM), "AWS_DEFAULT_REGION": "us-east-1"}
    command = [sys.executable, str(SAM / "bin/cfn-lint"), *arguments]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE)


CHECKS = [
    every_partition_has_its_own_arns_services_and_console,
    codedeploy_is_trusted_under_its_name_in_the_partition,
    a_permissions_boundary_is_on_every_role_that_there_is,
    nothing_refers_to_what_a_choice_leaves_out,
    without_registries_there_is_no_schema,
    the_longest_name_of_a_stack_fits_everything_that_is_named_after_it,
    every_roles_policy_fits_into_the_role,
    a_queue_that_was_left_behind_has_another_name,
    a_dead_letter_queue_knows_its_queue_by_name,
    a_stuck_head_of_a_fifo_queue_is_received_as_often_as_can_be,
    what_is_kept_is_kept_after_translation_too,
    every_figure_and_every_alarm_is_of_this_stack,
    whatever_a_parameter_takes_every_text_that_is_json_stays_json,
    the_api_is_what_the_translator_makes_of_it_and_asks_every_caller_for_a_signature,
    no_region_lacks_anything_but_registries,
    what_was_kept_can_be_imported_into_a_new_stack,
]


def main():
    failed = 0
    for check in CHECKS:
        why = ""
        try:
            check()
        except Exception:  # What is wrong with one thing must not hide what is wrong with the others.
            why, failed = traceback.format_exc(), failed + 1
        print(f"{'FAIL' if why else 'ok  '} {check.__name__.replace('_', ' ')}")
        for line in why.splitlines():
            print(f"     {line}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    if not SAM.is_dir():
        sys.exit("`.ci/tools sam` fetches what this needs")
    with contextlib.suppress(KeyboardInterrupt):
        main()
