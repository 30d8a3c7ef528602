"""What was deployed is what template.yaml declares: each check reads one kind of resource back from its service."""

import copy

import deployment


def every_resource_that_orders_need_was_created(stack):
    for kind in (
        "AWS::ApiGatewayV2::Api",
        "AWS::DynamoDB::Table",
        "AWS::Events::EventBus",
        "AWS::Events::Rule",
        "AWS::IAM::Role",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::SQS::Queue",
    ):
        left_out = [name for left, name, _ in stack.deployment.left_out if left == kind]
        assert not left_out, f"left out: {left_out}"
        states = stack.deployment.states
        # What has a condition is there in one of the two stacks; orders.py sends through it.
        wanted = [name for name, found in stack.deployment.of_type(kind).items() if "Condition" not in found or name in states]
        created = [name for name in wanted if states[name] == "CREATE_COMPLETE"]
        assert created and created == wanted, f"of {kind}, {created} were created"


def the_emulators_copy_of_the_template_differs_in_what_the_readme_says_and_in_nothing_else(stack):
    """The condition on `events:source`, numbers that were text, and routes spelt out; beside what is left out and listed."""
    ours, theirs = copy.deepcopy(stack.deployment.original), copy.deepcopy(stack.deployment.template)
    left_out = [name for _, name, _ in stack.deployment.left_out]
    for name, role in ours["Resources"].items():
        if role["Type"] != "AWS::IAM::Role":
            continue
        for statement in deployment.statements(role):
            if "events:PutEvents" in str(statement.get("Action")):
                condition = statement["Condition"]
                sources = ["hosted-connections", "conformance"] if name == "OperatorRole" else "hosted-connections"
                assert condition == {
                    "ForAllValues:StringEquals": {"events:source": sources},
                    "Null": {"events:source": "false"},
                }, condition
                if f"events:source in {name}" in left_out:
                    del statement["Condition"]
    for name, mapping in ours["Resources"].items():
        if mapping["Type"] == "AWS::Lambda::EventSourceMapping":
            scaling = mapping["Properties"]["ScalingConfig"]
            scaling["MaximumConcurrency"] = int(stack.deployment.value(scaling["MaximumConcurrency"]))
    for name, resource in ours["Resources"].items():
        if resource["Type"] == "AWS::ApiGatewayV2::Api":
            for added in ("Name", "ProtocolType"):
                del theirs["Resources"][name]["Properties"][added]
            del resource["Properties"]["Body"]
    routes = ("AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route")
    theirs["Resources"] = {name: one for name, one in theirs["Resources"].items() if one["Type"] not in routes}
    for name, resource in theirs["Resources"].items():
        if "UpdatePolicy" not in resource:
            # An alias without CodeDeploy, which is left out.
            ours["Resources"][name].pop("UpdatePolicy", None)
        assert resource == ours["Resources"][name], f"{name} is another:\n{resource}\n{ours['Resources'][name]}"
    missing = set(ours["Resources"]) - set(theirs["Resources"])
    assert missing <= set(left_out), missing - set(left_out)
    for section in ("Parameters", "Conditions", "Mappings"):
        assert theirs.get(section) == ours.get(section), section


def queues_keep_redrive_and_encrypt_as_declared(stack):
    deployment = stack.deployment
    redriven = 0
    for name in deployment.of_type("AWS::SQS::Queue"):
        properties, found = deployment.properties(name), stack.queue_attributes(name)
        for attribute in ("VisibilityTimeout", "MessageRetentionPeriod"):
            if attribute in properties:
                assert int(found[attribute]) == properties[attribute], f"{name}: {attribute} is {found[attribute]}"
        assert found.get("SqsManagedSseEnabled") == "true" or "KmsMasterKeyId" in found, f"{name} is not encrypted"
        if "RedrivePolicy" in properties:
            declared = properties["RedrivePolicy"]
            dead = stack.queue_attributes(declared["deadLetterTargetArn"]["Fn::GetAtt"][0])["QueueArn"]
            policy = stack.redrive_policy(name)
            expected = 1000 if name == "OrdersQueue" and stack.is_fifo else 5
            assert policy["deadLetterTargetArn"] == dead and int(policy["maxReceiveCount"]) == expected, policy
            redriven += 1
    assert redriven >= 2, "orders and releases have dead-letter queues"
    fifo = "true" if deployment.parameters.get("OrdersQueueType") == "fifo" else "false"
    for name in ("OrdersQueue", "OrdersDeadLetterQueue"):
        assert stack.queue_attributes(name).get("FifoQueue", "false") == fifo, f"{name} is not what was chosen"


def the_table_has_keys_indexes_and_protection_as_declared(stack):
    client = stack.account.client("dynamodb")
    (name,) = stack.deployment.of_type("AWS::DynamoDB::Table")
    declared, physical = stack.deployment.properties(name), stack.deployment.ids[name]
    found = client.describe_table(TableName=physical)["Table"]
    assert found["KeySchema"] == declared["KeySchema"], found["KeySchema"]
    assert found["BillingModeSummary"]["BillingMode"] == declared["BillingMode"], found["BillingModeSummary"]
    assert found["DeletionProtectionEnabled"] is declared["DeletionProtectionEnabled"] is True
    indexes = {index["IndexName"]: (index["KeySchema"], index["Projection"]) for index in found["GlobalSecondaryIndexes"]}
    assert indexes == {
        index["IndexName"]: (index["KeySchema"], index["Projection"]) for index in declared["GlobalSecondaryIndexes"]
    }, indexes


def each_function_has_the_role_settings_and_variables_that_are_declared(stack):
    deployment, client = stack.deployment, stack.account.client("lambda")
    roles = set()
    for name in deployment.of_type("AWS::Lambda::Function"):
        declared = deployment.properties(name)
        found = client.get_function_configuration(FunctionName=deployment.ids[name])
        for setting in ("Runtime", "Handler", "MemorySize", "Timeout"):
            assert str(found[setting]) == str(deployment.value(declared[setting])), f"{name}: {setting} is {found[setting]}"
        assert found["Architectures"] == [deployment.parameters["Architecture"]], found["Architectures"]
        role = declared["Role"]["Fn::GetAtt"][0]
        assert found["Role"].endswith(f"/{deployment.ids[role]}"), f"{name} has the role {found['Role']}"
        roles.add(role)
        variables = found["Environment"]["Variables"]
        assert variables["ALLOCATIONS_TABLE_NAME"] == deployment.outputs["TableName"], variables
        assert variables["EVENT_BUS_NAME"] == deployment.outputs["EventBusName"], variables
        assert variables["STACK_NAME"] == deployment.name, variables
        # What is AWS::NoValue must not be there, empty or otherwise: the SDK would take it for an endpoint.
        assert "AWS_ENDPOINT_URL" not in variables, variables
        assert found["LoggingConfig"]["LogFormat"] == "JSON", found["LoggingConfig"]
        assert found["LoggingConfig"]["LogGroup"] in deployment.ids.values(), found["LoggingConfig"]
    assert len(roles) == len(deployment.of_type("AWS::Lambda::Function")), f"the functions share {roles}"


def queues_feed_their_functions_ten_messages_at_a_time_and_learn_of_each_failure(stack):
    client = stack.account.client("lambda")
    fed = {}
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        assert mapping["State"] == "Enabled", mapping
        assert mapping["BatchSize"] == 10 and mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], mapping
        expected = int(stack.deployment.value({"Ref": "MaximumConcurrency"}))
        assert mapping["ScalingConfig"]["MaximumConcurrency"] == expected, mapping
        fed[mapping["EventSourceArn"]] = mapping["FunctionArn"]
    for queue, function in (("OrdersQueue", "AllocateFunction"), ("ReleasesQueue", "ReleaseFunction")):
        name = stack.deployment.ids[function]
        assert name in fed.pop(stack.queue_attributes(queue)["QueueArn"]), f"{queue} does not feed {name}"
    assert not fed, f"not expected: {fed}"


def every_route_of_the_api_wants_an_iam_signature(stack):
    client = stack.account.client("apigatewayv2")
    routes = {route["RouteKey"]: route["AuthorizationType"] for route in client.get_routes(ApiId=stack.api)["Items"]}
    assert routes == {
        "POST /allocations": "AWS_IAM",
        "GET /allocations": "AWS_IAM",
        "GET /allocations/{key+}": "AWS_IAM",
        "DELETE /allocations/{key+}": "AWS_IAM",
        "GET /parents/{connectionId}": "AWS_IAM",
        "ANY /allocations": "AWS_IAM",
        "ANY /allocations/{key+}": "AWS_IAM",
        "ANY /parents/{connectionId}": "AWS_IAM",
    }, routes


def log_groups_keep_their_logs_as_long_as_declared(stack):
    groups = stack.account.client("logs").describe_log_groups()["logGroups"]
    kept = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    for name in stack.deployment.of_type("AWS::Logs::LogGroup"):
        declared = int(stack.deployment.value(stack.deployment.properties(name)["RetentionInDays"]))
        assert kept[stack.deployment.ids[name]] == declared, f"{name} is kept for {kept[stack.deployment.ids[name]]} days"


def ignored(stack):
    """What the emulator was told and has not done, as measured."""
    client, (table,) = stack.account.client("dynamodb"), stack.deployment.of_type("AWS::DynamoDB::Table")
    physical = stack.deployment.ids[table]
    expiry = client.describe_time_to_live(TableName=physical)["TimeToLiveDescription"]
    if expiry.get("AttributeName") != stack.deployment.properties(table)["TimeToLiveSpecification"]["AttributeName"]:
        yield "property", f"TimeToLiveSpecification of {table}", "ignored"
    backups = client.describe_continuous_backups(TableName=physical)["ContinuousBackupsDescription"]
    if backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] != "ENABLED":
        yield "property", f"PointInTimeRecoverySpecification of {table}", "ignored"
    logs = stack.account.client("logs")
    for name, rule in stack.deployment.of_type("AWS::Events::Rule").items():
        for target in rule["Properties"]["Targets"]:
            if ":log-group:" not in str(target["Arn"]):
                continue
            group = next(one for one in stack.deployment.of_type("AWS::Logs::LogGroup") if one in str(target["Arn"]))
            if not logs.filter_log_events(logGroupName=stack.deployment.ids[group])["events"]:
                yield "target", f"{group} of {name}", "nothing arrives, though everything matches"


CHECKS = [
    every_resource_that_orders_need_was_created,
    the_emulators_copy_of_the_template_differs_in_what_the_readme_says_and_in_nothing_else,
    queues_keep_redrive_and_encrypt_as_declared,
    the_table_has_keys_indexes_and_protection_as_declared,
    each_function_has_the_role_settings_and_variables_that_are_declared,
    queues_feed_their_functions_ten_messages_at_a_time_and_learn_of_each_failure,
    every_route_of_the_api_wants_an_iam_signature,
    log_groups_keep_their_logs_as_long_as_declared,
]
