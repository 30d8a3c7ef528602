"""Deploys the translated template, and what the emulator cannot do it says: those resources are left out and listed."""

import copy
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import zipfile

import botocore.exceptions

import rie

BUCKET = "packages"
# The SAM CLI's packages.
SAM = pathlib.Path(__file__).resolve().parent.parent.parent / "target/tools/sam"
# One schedule for all of a run, so that track comes when the test calls it.
PARAMETERS = {"Architecture": rie.MACHINE, "TrackSchedule": "rate(5 minutes)"}
# Orders come from the stack's own bus as well, so that what it publishes there might come back. A FIFO queue takes none.
# The name stands for that of the stack, which its bus has, too. The emulator takes a Join in a condition for true, so the
# detail types are given.
FED = {
    "OrdersEventBusName": "its-own",
    "OrdersEventSources": "com.example.shop",
    "OrdersEventDetailTypes": "Order Placed",
}


class Deployment:
    """A stack: its template as deployed, its parameters, physical ids, outputs, and what was left out of it."""

    def __init__(self, account, template, functions, choice):
        self.account = account
        self.left_out = []
        self.chosen = PARAMETERS | choice
        self.template = translated(template, self.chosen)
        # As AWS would get it, for declared.py to hold against what the emulator gets.
        self.original = copy.deepcopy(self.template)
        declared = {name: parameter.get("Default") for name, parameter in self.template["Parameters"].items()}
        self.parameters = declared | self.chosen
        self._turn_numbers_into_numbers()
        self._spell_routes_out()
        if not account.knows_the_source_of_events():
            self._forget_the_source_of_events()
        upload(account, functions)
        self._create()

    def of_type(self, kind):
        return {name: found for name, found in self.template["Resources"].items() if found["Type"] == kind}

    def properties(self, name):
        return self.template["Resources"][name]["Properties"]

    def value(self, text):
        """A property that is written out or is a parameter; None for what CloudFormation has to compute."""
        if isinstance(text, dict):
            return self.parameters.get(text.get("Ref"))
        return text

    def _create(self):
        """Creates the stack, with less each time the emulator says that it does not support something."""
        formation = self.account.client("cloudformation")
        while True:
            name = f"hosted-connections-{len(self.left_out)}"
            if "OrdersEventBusName" in self.chosen:
                self.chosen["OrdersEventBusName"] = self.parameters["OrdersEventBusName"] = name
            self.account.client("s3").put_object(
                Bucket=BUCKET, Key="template.json", Body=json.dumps(self.template).encode()
            )
            try:
                formation.create_stack(
                    StackName=name,
                    TemplateURL=f"http://{self.account.address}/{BUCKET}/template.json",
                    Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in self.chosen.items()],
                    Capabilities=["CAPABILITY_IAM"],
                    OnFailure="DO_NOTHING",
                )
            except botocore.exceptions.ClientError as refusal:
                self._leave_out_types(refusal)
                continue
            stack = self._settled(formation, name)
            if stack["StackStatus"] == "CREATE_COMPLETE":
                break
            self._leave_out_failed(formation, name)
            formation.delete_stack(StackName=name)
            self._settled(formation, name)
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        self.name = name
        listed = formation.describe_stack_resources(StackName=name)["StackResources"]
        self.ids = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in listed}
        self.states = {resource["LogicalResourceId"]: resource["ResourceStatus"] for resource in listed}

    def _settled(self, formation, name):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                stack = formation.describe_stacks(StackName=name)["Stacks"][0]
            except botocore.exceptions.ClientError:
                return {"StackStatus": "DELETE_COMPLETE"}
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                return stack
            time.sleep(0.1)
        sys.exit(f"the stack does not settle: {stack}")

    def _leave_out_types(self, refusal):
        found = re.search(r"Unrecognized resource types: \[([^]]*)\]", str(refusal))
        if not found:
            raise refusal
        kinds = found[1].split(", ")
        self._leave_out({name: "type not known" for kind in kinds for name in self.of_type(kind)})

    def _leave_out_failed(self, formation, name):
        events = formation.describe_stack_events(StackName=name)["StackEvents"]
        failed = [
            event
            for event in events
            if event["ResourceStatus"] == "CREATE_FAILED" and event["LogicalResourceId"] in self.template["Resources"]
        ]
        unsupported = {
            event["LogicalResourceId"]: event["ResourceStatusReason"]
            for event in failed
            if "not supported" in event["ResourceStatusReason"]
        }
        if not unsupported:
            reasons = [f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}" for event in failed]
            sys.exit("the stack cannot be created:\n" + "\n".join(reasons or [str(events)]))
        self._leave_out(unsupported)

    def _leave_out(self, names):
        """Takes resources out, named with the reason, and whatever cannot be without them."""
        resources = self.template["Resources"]
        while names:
            for name, reason in names.items():
                self.left_out.append((resources.pop(name)["Type"], name, reason))
            for resource in resources.values():
                # How an alias moves from version to version is CodeDeploy's, which a first deployment does without.
                if refers(resource.get("UpdatePolicy"), names):
                    del resource["UpdatePolicy"]
            outputs = self.template["Outputs"]
            self.template["Outputs"] = {name: output for name, output in outputs.items() if not refers(output, names)}
            names = {name: f"needs {' or '.join(names)}" for name in resources if refers(resources[name], names)}

    def _turn_numbers_into_numbers(self):
        """A parameter is text; CloudFormation makes a number of it where one is wanted, and the emulator's poller does not."""
        for mapping in self.of_type("AWS::Lambda::EventSourceMapping").values():
            scaling = mapping["Properties"]["ScalingConfig"]
            scaling["MaximumConcurrency"] = int(self.value(scaling["MaximumConcurrency"]))

    def _spell_routes_out(self):
        """SAM writes an HTTP API as one OpenAPI document. The emulator knows routes and integrations, not documents."""
        resources = self.template["Resources"]
        for api, resource in self.of_type("AWS::ApiGatewayV2::Api").items():
            properties = resource["Properties"]
            document = properties.pop("Body")
            properties |= {"Name": document["info"]["title"], "ProtocolType": "HTTP"}
            signed = {
                name
                for name, scheme in document["components"]["securitySchemes"].items()
                if scheme["x-amazon-apigateway-authtype"] == "awsSigv4"
            }
            for path, methods in document["paths"].items():
                for method, operation in methods.items():
                    method = "ANY" if method == "x-amazon-apigateway-any-method" else method.upper()
                    resources |= route(api, method, path, operation, signed)
            self.left_out.append(("property", f"Body of {api}", "ignored: its routes were deployed one by one"))

    def _forget_the_source_of_events(self):
        for name, role in self.of_type("AWS::IAM::Role").items():
            for statement in statements(role):
                if "events:source" in json.dumps(statement.get("Condition")):
                    del statement["Condition"]
                    self.left_out.append(("condition", f"events:source in {name}", "key not known"))


def statements(role):
    """The statements of a role's own policies."""
    return [one for policy in role["Properties"].get("Policies", []) for one in policy["PolicyDocument"]["Statement"]]


def route(api, method, path, operation, signed):
    """One operation of an OpenAPI document as the resources that API Gateway makes of it."""
    integration = operation["x-amazon-apigateway-integration"]
    name = f"{api}{method.title()}{re.sub('[^A-Za-z]', '', path.title())}"
    wanted = {scheme for requirement in operation.get("security", []) for scheme in requirement}
    return {
        f"{name}Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": api},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": integration["uri"],
                "PayloadFormatVersion": integration["payloadFormatVersion"],
            },
        },
        f"{name}Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": api},
                "RouteKey": f"{method} {path}",
                "AuthorizationType": "AWS_IAM" if wanted & signed else "NONE",
                "Target": {"Fn::Sub": f"integrations/${{{name}Integration}}"},
            },
        },
    }


def refers(document, names):
    """Whether a resource of one of these names is mentioned."""
    if isinstance(document, dict):
        attribute = document.get("Fn::GetAtt")
        if document.get("Ref") in names or isinstance(attribute, list) and attribute[0] in names:
            return True
        return any(refers(value, names) for value in document.values())
    if isinstance(document, list):
        return any(refers(value, names) for value in document)
    return isinstance(document, str) and any(f"${{{name}}}" in document or f"${{{name}." in document for name in names)


def choices(template):
    """The parameters that make another stack of it. Both kinds of queue are deployed, each into an account of its own."""
    kinds = translated(template, PARAMETERS)["Parameters"].get("OrdersQueueType", {}).get("AllowedValues", [])
    return [{"OrdersQueueType": kind} | (FED if kind == "standard" else {}) for kind in kinds] or [{}]


def translated(template, parameters):
    command = [sys.executable, str(pathlib.Path(__file__).with_name("translate.py")), str(template), BUCKET]
    environment = os.environ | {"PYTHONPATH": str(SAM), "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(command, input=json.dumps(parameters).encode(), env=environment, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit("SAM's translator does not take the template")
    return json.loads(done.stdout)


def upload(account, functions):
    """What `sam package` uploads: a zip for each function with its program as `bootstrap`."""
    storage = account.client("s3")
    storage.create_bucket(Bucket=BUCKET)
    for name in rie.FUNCTIONS:
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w", zipfile.ZIP_STORED) as archive:
            archive.write(functions / name / "bootstrap", "bootstrap")
        storage.put_object(Bucket=BUCKET, Key=f"{name}.zip", Body=package.getvalue())
