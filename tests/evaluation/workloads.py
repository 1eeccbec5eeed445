"""Logging, databases and applications of an account with a good region and a bad one: what passes there fails here."""

import io
import json
import zipfile
from contextlib import ExitStack
from typing import Any

from evaluation.datastores import ACCOUNT, ROLE, DataStores, policy, tls_only
from nephoscope.simulation.aws import Simulation


class Workloads(DataStores):
    """One region; `ids` says what was made, by the same names in both."""

    def __init__(self, simulation: Simulation, stack: ExitStack, name: str, *, is_good: bool) -> None:
        self.name = name
        self.is_good = is_good
        self._simulation = simulation
        self._stack = stack
        self.ids: dict[str, str] = {"region": name, "account": ACCOUNT}
        subnets = self.client("ec2").describe_subnets()["Subnets"]
        self.subnets = [row["SubnetId"] for row in subnets[:2]]
        for part in (self._trail, self._recorder, self._keys, self._logs, self._detectors, self._messages):
            part()
        for part in (self._databases, self._clusters, self._files, self._tables, self._warehouse, self._cache):
            part()
        for part in (self._search, self._functions, self._interfaces, self._kubernetes, self._images, self._containers):
            part()
        for part in (self._secrets, self._certificates, self._distribution, self._notebook):
            part()

    def _trail(self) -> None:
        trails, bucket = self.client("cloudtrail"), f"trail-{self.name}"
        place = {} if self.name == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.name}}
        s3 = self.client("s3")
        s3.create_bucket(Bucket=bucket, **place)
        self.ids["trail"] = f"trail-{self.name}"
        if not self.is_good:
            s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
            trails.create_trail(Name=self.ids["trail"], S3BucketName=bucket)
            return
        s3.put_bucket_acl(Bucket=bucket, ACL="log-delivery-write")
        s3.put_bucket_logging(
            Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": ""}}
        )
        self.client("logs").create_log_group(logGroupName="trail")
        trails.create_trail(
            Name=self.ids["trail"],
            S3BucketName=bucket,
            IsMultiRegionTrail=True,
            EnableLogFileValidation=True,
            KmsKeyId="alias/trail",
            CloudWatchLogsLogGroupArn=self._arn("logs", "log-group:trail:*"),
            CloudWatchLogsRoleArn=ROLE,
        )
        objects = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}
        trails.put_event_selectors(
            TrailName=self.ids["trail"],
            EventSelectors=[{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [objects]}],
        )
        trails.start_logging(Name=self.ids["trail"])

    def _recorder(self) -> None:
        config = self.client("config")
        config.put_configuration_recorder(
            ConfigurationRecorder={
                "name": "default",
                "roleARN": ROLE,
                "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True},
            }
        )
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": f"trail-{self.name}"})
        if self.is_good:
            config.start_configuration_recorder(ConfigurationRecorderName="default")

    def _keys(self) -> None:
        kms = self.client("kms")
        self.ids["key"] = kms.create_key()["KeyMetadata"]["KeyId"]
        self.ids["old_key"] = kms.create_key()["KeyMetadata"]["KeyId"]
        if self.is_good:
            kms.enable_key_rotation(KeyId=self.ids["key"])
            return
        everybody = policy("Allow", {"AWS": "*"}, "kms:*")
        kms.put_key_policy(KeyId=self.ids["key"], PolicyName="default", Policy=everybody)
        kms.schedule_key_deletion(KeyId=self.ids["old_key"])

    def _logs(self) -> None:
        logs = self.client("logs")
        self.ids["group"] = "application"
        key = {"kmsKeyId": self._arn("kms", "key/logs")} if self.is_good else {}
        logs.create_log_group(logGroupName="application", **key)
        logs.put_retention_policy(logGroupName="application", retentionInDays=365 if self.is_good else 7)

    def _detectors(self) -> None:
        cloudwatch = self.client("cloudwatch")
        self.ids["alarm"] = "load"
        cloudwatch.put_metric_alarm(
            AlarmName="load",
            Namespace="AWS/EC2",
            MetricName="CPUUtilization",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            Period=300,
            Threshold=80,
            Statistic="Average",
            ActionsEnabled=self.is_good,
            AlarmActions=[self._arn("sns", "topic")],
        )
        features = [
            {"Name": name, "Status": "ENABLED" if self.is_good else "DISABLED"}
            for name in ("S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "EKS_AUDIT_LOGS")
        ]
        guard = self.client("guardduty")
        if self.is_good:
            self.client("securityhub").enable_security_hub()
            self.ids["detector"] = guard.create_detector(Enable=True, Features=features)["DetectorId"]
        else:
            self.ids["detector"] = guard.create_detector(Enable=False, Features=features)["DetectorId"]

    def _messages(self) -> None:
        sns, sqs, events = self.client("sns"), self.client("sqs"), self.client("events")
        topic = sns.create_topic(Name="topic")["TopicArn"]
        self.ids |= {"topic": "topic", "queue": "queue", "bus": "bus"}
        url = sqs.create_queue(QueueName="queue")["QueueUrl"]
        sqs.create_queue(QueueName="dead")
        if self.is_good:
            sns.set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue="alias/topic")
            sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=tls_only("sns:*", topic))
            sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://example.com/hook/secret")
            redrive = json.dumps({"deadLetterTargetArn": self._arn("sqs", "dead"), "maxReceiveCount": 5})
            attributes = {
                "SqsManagedSseEnabled": "true",
                "Policy": tls_only("sqs:*", self._arn("sqs", "queue")),
                "RedrivePolicy": redrive,
            }
        else:
            sns.set_topic_attributes(
                TopicArn=topic, AttributeName="Policy", AttributeValue=policy("Allow", "*", "sns:Publish", topic)
            )
            sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://example.com/hook")
            attributes = {"SqsManagedSseEnabled": "false", "Policy": policy("Allow", "*", "sqs:*")}
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        events.create_event_bus(Name="bus")
        if not self.is_good:
            events.put_permission(EventBusName="bus", Policy=policy("Allow", "*", "events:PutEvents", Sid="all"))

    def _functions(self) -> None:
        functions = self.client("lambda")
        names = ("one",) if self.is_good else ("one", "two")
        self.ids["function"] = "one"
        iam = self.client("iam")
        role = iam.create_role(
            RoleName=f"functions-{self.name}",
            AssumeRolePolicyDocument=policy("Allow", {"Service": "lambda.amazonaws.com"}, "sts:AssumeRole"),
        )["Role"]["Arn"]
        good: dict[str, Any] = {
            "Runtime": "python3.13",
            "TracingConfig": {"Mode": "Active"},
            "DeadLetterConfig": {"TargetArn": self._arn("sqs", "dead")},
            "Environment": {"Variables": {"STAGE": "live"}},
            "KMSKeyArn": self._arn("kms", "key/functions"),
            "VpcConfig": {"SubnetIds": self.subnets, "SecurityGroupIds": []},
        }
        bad: dict[str, Any] = {"Runtime": "python3.8", "Environment": {"Variables": {"DB_PASSWORD": "hunter2hunter2"}}}
        for name in names:
            functions.create_function(
                FunctionName=name,
                Role=role,
                Handler="a.b",
                Code={"ZipFile": _archive()},
                **(good if self.is_good else bad),
            )
        if not self.is_good:
            functions.add_permission(
                FunctionName="one", StatementId="all", Action="lambda:InvokeFunction", Principal="*"
            )
        functions.create_function_url_config(
            FunctionName="one",
            AuthType="AWS_IAM" if self.is_good else "NONE",
            Cors={"AllowOrigins": ["https://www.example.com" if self.is_good else "*"]},
        )

    def _interfaces(self) -> None:
        gateway = self.client("apigateway")
        text = policy(
            "Allow",
            "*",
            "execute-api:Invoke",
            "*",
            **({"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}} if self.is_good else {}),
        )
        api = gateway.create_rest_api(name="orders", endpointConfiguration={"types": ["PRIVATE"]}, policy=text)["id"]
        root = gateway.get_resources(restApiId=api)["items"][0]["id"]
        gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
        gateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
        gateway.create_deployment(restApiId=api, stageName="live")
        self.ids |= {"interface": api, "stage": f"{api}/live"}
        if not self.is_good:
            return
        gateway.update_stage(
            restApiId=api,
            stageName="live",
            patchOperations=[
                {"op": "replace", "path": path, "value": value}
                for path, value in (
                    ("/accessLogSettings/destinationArn", self._arn("logs", "log-group:api")),
                    ("/accessLogSettings/format", "$context.requestId"),
                    ("/tracingEnabled", "true"),
                    ("/*/*/logging/loglevel", "ERROR"),
                )
            ],
        )

    def _kubernetes(self) -> None:
        eks = self.client("eks")
        self.ids |= {"kubernetes": "main", "nodes": "main/nodes", "profile": "main/profile"}
        network: dict[str, Any] = {"subnetIds": self.subnets, "endpointPrivateAccess": self.is_good}
        network["endpointPublicAccess"] = not self.is_good
        network["publicAccessCidrs"] = [] if self.is_good else ["0.0.0.0/0"]
        types = ["api", "audit", "authenticator"]
        more: dict[str, Any] = {
            "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": "key"}}],
            "logging": {"clusterLogging": [{"types": types, "enabled": True}]},
        }
        eks.create_cluster(
            name="main",
            roleArn=ROLE,
            resourcesVpcConfig=network,
            version="1.33" if self.is_good else "1.24",
            **(more if self.is_good else {}),
        )
        remote = {"ec2SshKey": "ops"} | ({"sourceSecurityGroups": ["sg-1"]} if self.is_good else {})
        eks.create_nodegroup(
            clusterName="main",
            nodegroupName="nodes",
            subnets=self.subnets,
            nodeRole=ROLE,
            remoteAccess=remote,
            version="1.33",
        )
        eks.create_fargate_profile(
            clusterName="main",
            fargateProfileName="profile",
            podExecutionRoleArn=ROLE,
            selectors=[{"namespace": "shop" if self.is_good else "*"}],
        )

    def _images(self) -> None:
        ecr = self.client("ecr")
        self.ids["images"] = "shop"
        ecr.create_repository(
            repositoryName="shop",
            imageScanningConfiguration={"scanOnPush": self.is_good},
            imageTagMutability="IMMUTABLE" if self.is_good else "MUTABLE",
            encryptionConfiguration={"encryptionType": "KMS" if self.is_good else "AES256"},
        )
        if self.is_good:
            rule = {"rulePriority": 1, "selection": _OLD_IMAGES, "action": {"type": "expire"}}
            ecr.put_lifecycle_policy(repositoryName="shop", lifecyclePolicyText=json.dumps({"rules": [rule]}))
        else:
            ecr.set_repository_policy(repositoryName="shop", policyText=policy("Allow", "*", "ecr:BatchGetImage"))

    def _containers(self) -> None:
        ecs, ec2 = self.client("ecs"), self.client("ec2")
        self.ids |= {"containers": "main", "service": "main/shop"}
        value = "enabled" if self.is_good else "disabled"
        ecs.create_cluster(clusterName="main", settings=[{"name": "containerInsights", "value": value}])
        ecs.register_task_definition(
            family="shop",
            containerDefinitions=[{"name": "shop", "image": "shop", "memory": 128}],
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
        )
        groups = [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]]
        shown = "DISABLED" if self.is_good else "ENABLED"
        network = {"subnets": self.subnets, "securityGroups": groups, "assignPublicIp": shown}
        ecs.create_service(
            cluster="main",
            serviceName="shop",
            taskDefinition="shop",
            desiredCount=0,
            launchType="FARGATE",
            platformVersion="LATEST" if self.is_good else "1.3.0",
            networkConfiguration={"awsvpcConfiguration": network},
        )

    def _secrets(self) -> None:
        secrets = self.client("secretsmanager")
        self.ids["secret"] = "database"
        more = {"KmsKeyId": self._arn("kms", "key/secrets")} if self.is_good else {}
        secrets.create_secret(Name="database", SecretString="never to be read", **more)
        if self.is_good:
            secrets.rotate_secret(
                SecretId="database",
                RotationLambdaARN=self._arn("lambda", "function:one"),
                RotationRules={"AutomaticallyAfterDays": 30},
                RotateImmediately=False,
            )
        else:
            secrets.put_resource_policy(
                SecretId="database", ResourcePolicy=policy("Allow", "*", "secretsmanager:GetSecretValue")
            )

    def _certificates(self) -> None:
        arn = self.client("acm").request_certificate(DomainName=f"{self.name}.example.com")["CertificateArn"]
        self.ids["certificate"] = arn.rpartition("/")[2]

    def _distribution(self) -> None:
        """Global: the good one and the bad one stand side by side."""
        protocol = "https-only" if self.is_good else "http-only"
        bucket = {
            "Id": "bucket",
            "DomainName": "files.s3.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }
        server = {
            "Id": "server",
            "DomainName": "example.com",
            "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": protocol},
            "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-From", "HeaderValue": "a shared secret"}]},
        }
        good: dict[str, Any] = {
            "DefaultRootObject": "index.html",
            "WebACLId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/1",
            "Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": "l.s3.amazonaws.com", "Prefix": ""},
            "ViewerCertificate": {"ACMCertificateArn": "arn:c", "MinimumProtocolVersion": "TLSv1.2_2021"},
        }
        if self.is_good:
            bucket["OriginAccessControlId"] = "E1"
        config = {
            "CallerReference": self.name,
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 2, "Items": [bucket, server]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "bucket",
                "ViewerProtocolPolicy": "redirect-to-https" if self.is_good else "allow-all",
            },
        }
        made = self.client("cloudfront").create_distribution(DistributionConfig=config | (good if self.is_good else {}))
        self.ids["distribution"] = made["Distribution"]["Id"]

    def _notebook(self) -> None:
        self.ids["notebook"] = "research"
        good: dict[str, Any] = {
            "SubnetId": self.subnets[0],
            "SecurityGroupIds": ["sg-1"],
            "DirectInternetAccess": "Disabled",
            "RootAccess": "Disabled",
            "KmsKeyId": "key",
            "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
        }
        self.client("sagemaker").create_notebook_instance(
            NotebookInstanceName="research",
            InstanceType="ml.t3.medium",
            RoleArn=ROLE,
            **(good if self.is_good else {}),
        )


_OLD_IMAGES = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}


def _archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.py", "")
    return made.getvalue()
