"""Translates template.yaml with SAM's own translator, as CloudFormation does when a stack is deployed.

    python3 translate.py TEMPLATE BUCKET < parameters.json > translated.json

Code is where `sam package` would have put it: BUCKET/<the function's package>.zip. Runs in a process of its own, with
the packages that the SAM CLI brings along, whose versions are not the emulator's.
"""

import json
import logging
import pathlib
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """The template writes its policies out, so there is no name to look up."""

    def load(self):
        return {}


def main():
    logging.basicConfig(level=logging.ERROR)
    path, bucket = sys.argv[1:]
    template = yaml_parse(pathlib.Path(path).read_text())
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            package = pathlib.PurePath(resource["Properties"]["CodeUri"]).name
            resource["Properties"]["CodeUri"] = f"s3://{bucket}/{package}.zip"
    parameters = {name: declared.get("Default") for name, declared in template["Parameters"].items()}
    translated = transform(template, parameters | json.load(sys.stdin), NoManagedPolicies())
    json.dump(translated, sys.stdout)


if __name__ == "__main__":
    main()
