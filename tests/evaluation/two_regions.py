"""Compute and network of an account with a good region and a bad one: what passes there fails here."""

from contextlib import ExitStack, closing
from typing import Any

from nephoscope.simulation.aws import Simulation

ACCOUNT = "123456789012"
GOOD, BAD = "eu-west-1", "us-east-1"
IMAGE = "ami-03cf127a"
"""One that the simulation knows in every region."""
ANY, ANY6 = "0.0.0.0/0", "::/0"
_FORWARD_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},'
    '"Action":"*","Resource":"*"}]}'
)


class Region:
    """One region; `ids` says what was made, by the same names in both."""

    def __init__(self, simulation: Simulation, stack: ExitStack, name: str, *, is_good: bool) -> None:
        self.name = name
        self.is_good = is_good
        self._simulation = simulation
        self._stack = stack
        self.ec2 = self.client("ec2")
        self.ids: dict[str, str] = {"region": name}
        for part in (self._settings, self._network, self._rules, self._ways, self._machines, self._disks, self._fleet):
            part()
        self._balancers()
        self._edges()

    def client(self, service: str) -> Any:
        return self._stack.enter_context(closing(self._simulation.client(service, self.name)))

    def _settings(self) -> None:
        if not self.is_good:
            self.ec2.enable_serial_console_access()
            return
        self.ec2.enable_ebs_encryption_by_default()
        self.ec2.enable_snapshot_block_public_access(State="block-all-sharing")
        self.ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
        self.ec2.modify_instance_metadata_defaults(HttpTokens="required")
        self.ec2.modify_ebs_default_kms_key_id(KmsKeyId=f"arn:aws:kms:{self.name}:{ACCOUNT}:key/own")

    def _network(self) -> None:
        """The good region has a VPC of its own, with private subnets in two zones; the bad one uses what is there."""
        ec2, ids = self.ec2, self.ids
        default = next(row for row in ec2.describe_vpcs()["Vpcs"] if row["IsDefault"])["VpcId"]
        ids["default_vpc"] = default
        ids["vpc"] = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        zones = ("a", "b") if self.is_good else ("a", "a")
        self.subnets = [
            ec2.create_subnet(VpcId=ids["vpc"], CidrBlock=f"10.1.{n}.0/24", AvailabilityZone=self.name + zone)[
                "Subnet"
            ]["SubnetId"]
            for n, zone in enumerate(zones)
        ]
        ids["subnet"] = self.subnets[0]
        if not self.is_good:
            ec2.modify_subnet_attribute(SubnetId=ids["subnet"], MapPublicIpOnLaunch={"Value": True})
            self.subnets = [
                row["SubnetId"]
                for row in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [default]}])["Subnets"]
            ]
        self._log(ids["vpc"], "REJECT" if self.is_good else "", "vpc_log")
        self._log(default, "ALL" if self.is_good else "ACCEPT", "log")

    def _log(self, vpc: str, traffic: str, name: str) -> None:
        if not traffic:
            return
        self.client("logs").create_log_group(logGroupName=vpc)
        self.ids[name] = self.ec2.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType=traffic,
            LogGroupName=vpc,
            DeliverLogsPermissionArn=f"arn:aws:iam::{ACCOUNT}:role/{self._role()}",
        )["FlowLogIds"][0]

    def _role(self) -> str:
        name = f"flows-{self.name}-{len(self.ids)}"
        self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
        return name

    def _rules(self) -> None:
        ec2, ids = self.ec2, self.ids
        ids["group"] = ec2.create_security_group(GroupName=self._named("web"), Description="web", VpcId=ids["vpc"])[
            "GroupId"
        ]
        ids["outside"] = ids["group"]
        if self.is_good:
            self._allow(ids["group"], _tcp(443, ANY), _tcp(22, "10.0.0.0/8"))
            ec2.revoke_security_group_egress(GroupId=ids["group"], IpPermissions=[_everything(ANY)])
        else:
            self._allow(ids["group"], _everything(ANY, ANY6), {**_icmp(ANY)})
            ids["outside"] = ec2.create_security_group(GroupName="open", Description="open", VpcId=ids["default_vpc"])[
                "GroupId"
            ]
            self._allow(ids["outside"], _tcp(22, ANY))
        default = ec2.describe_security_groups(
            Filters=[{"Name": "vpc-id", "Values": [ids["vpc"]]}, {"Name": "group-name", "Values": ["default"]}]
        )["SecurityGroups"][0]["GroupId"]
        ids["default_group"] = default
        if self.is_good:
            ec2.revoke_security_group_egress(GroupId=default, IpPermissions=[_everything(ANY)])
        ids["acl"] = ec2.create_network_acl(VpcId=ids["vpc"])["NetworkAcl"]["NetworkAclId"]
        for number, action, ports in ((100, "deny", (22, 22)), (110, "deny", (3389, 3389)), (200, "allow", (0, 65535))):
            if action == "allow" or self.is_good:
                self._entry(number, action, ports)
        if self.is_good:
            self._take_acl()

    def _named(self, name: str) -> str:
        return name if self.is_good else f"launch-wizard-{name}"

    def _allow(self, group: str, *permissions: dict[str, Any]) -> None:
        self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(permissions))

    def _entry(self, number: int, action: str, ports: tuple[int, int]) -> None:
        for offset, source in ((0, {"CidrBlock": ANY}), (1, {"Ipv6CidrBlock": ANY6})):
            self.ec2.create_network_acl_entry(
                NetworkAclId=self.ids["acl"],
                RuleNumber=number + offset,
                Protocol="6",
                RuleAction=action,
                Egress=False,
                PortRange={"From": ports[0], "To": ports[1]},
                **source,
            )

    def _take_acl(self) -> None:
        acls = self.ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [self.ids["vpc"]]}])["NetworkAcls"]
        taken = next(row for acl in acls for row in acl["Associations"] if row["SubnetId"] == self.ids["subnet"])
        self.ec2.replace_network_acl_association(
            AssociationId=taken["NetworkAclAssociationId"], NetworkAclId=self.ids["acl"]
        )

    def _ways(self) -> None:
        ec2, ids = self.ec2, self.ids
        ids["gateway"] = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [ids["vpc"]]}])["RouteTables"]
        ids["main_table"] = tables[0]["RouteTableId"]
        peer = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
        peering = ec2.create_vpc_peering_connection(VpcId=ids["vpc"], PeerVpcId=peer)["VpcPeeringConnection"]
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering["VpcPeeringConnectionId"])
        ids["table"] = ec2.create_route_table(VpcId=ids["vpc"])["RouteTable"]["RouteTableId"]
        ec2.create_route(
            RouteTableId=ids["table"],
            DestinationCidrBlock="10.2.4.0/24" if self.is_good else "10.2.0.0/16",
            VpcPeeringConnectionId=peering["VpcPeeringConnectionId"],
        )
        if self.is_good:
            ec2.attach_internet_gateway(InternetGatewayId=ids["gateway"], VpcId=ids["vpc"])
            self._endpoint("s3")
            ids["ec2_endpoint"] = self._endpoint("ec2")
        else:
            spare = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
            ec2.attach_internet_gateway(InternetGatewayId=spare, VpcId=ids["vpc"])
            ec2.create_route(RouteTableId=ids["main_table"], DestinationCidrBlock=ANY, GatewayId=spare)
            ids["interface"] = ec2.create_network_interface(SubnetId=ids["subnet"])["NetworkInterface"][
                "NetworkInterfaceId"
            ]

    def _endpoint(self, service: str) -> str:
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.ids["vpc"],
            ServiceName=f"com.amazonaws.{self.name}.{service}",
            PolicyDocument=_FORWARD_POLICY,
        )
        self.ids["endpoint"] = made["VpcEndpoint"]["VpcEndpointId"]
        return self.ids["endpoint"]

    def _machines(self) -> None:
        ids, ec2 = self.ids, self.ec2
        more: dict[str, Any] = {"SubnetId": self.subnets[0], "SecurityGroupIds": [ids["outside"]]}
        if self.is_good:
            profile = f"app-{self.name}"
            iam = self.client("iam")
            iam.create_instance_profile(InstanceProfileName=profile)
            more |= {
                "IamInstanceProfile": {"Name": profile},
                "MetadataOptions": {"HttpTokens": "required"},
                "Monitoring": {"Enabled": True},
                "EbsOptimized": True,
                "KeyName": "ops",
            }
        ids["key"] = ec2.create_key_pair(KeyName="ops")["KeyPairId"]
        ids["instance"] = self._launch(**more)
        if not self.is_good:
            ec2.modify_instance_attribute(InstanceId=ids["instance"], SourceDestCheck={"Value": False})
        ids["any_instance"] = ids["instance"] if self.is_good else self._launch(SubnetId=self.subnets[0])
        interface = ec2.describe_instances(InstanceIds=[ids["instance"]])["Reservations"][0]["Instances"][0][
            "NetworkInterfaces"
        ][0]["NetworkInterfaceId"]
        ids.setdefault("interface", interface)
        ids["address"] = ec2.allocate_address(Domain="vpc")["AllocationId"]
        if self.is_good:
            private = ec2.create_network_interface(SubnetId=self.subnets[1])["NetworkInterface"]["NetworkInterfaceId"]
            ec2.associate_address(AllocationId=ids["address"], NetworkInterfaceId=private)

    def _launch(self, **more: Any) -> str:
        made = self.ec2.run_instances(ImageId=IMAGE, InstanceType="m5.large", MinCount=1, MaxCount=1, **more)
        return str(made["Instances"][0]["InstanceId"])

    def _disks(self) -> None:
        ids, ec2 = self.ids, self.ec2
        ids["volume"] = ec2.create_volume(Size=8, AvailabilityZone=f"{self.name}a", Encrypted=self.is_good)["VolumeId"]
        mapping = ec2.describe_instances(InstanceIds=[ids["instance"]])["Reservations"][0]["Instances"][0]
        ids["root_volume"] = mapping["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
        if self.is_good:
            ec2.attach_volume(VolumeId=ids["volume"], InstanceId=ids["instance"], Device="/dev/sdf")
            ec2.create_snapshot(VolumeId=ids["root_volume"])
        ids["snapshot"] = ec2.create_snapshot(VolumeId=ids["volume"])["SnapshotId"]
        ids["image"] = ec2.create_image(InstanceId=ids["instance"], Name="gold")["ImageId"]
        if not self.is_good:
            ec2.modify_snapshot_attribute(
                SnapshotId=ids["snapshot"],
                Attribute="createVolumePermission",
                OperationType="add",
                GroupNames=["all"],
            )
            ec2.modify_image_attribute(ImageId=ids["image"], LaunchPermission={"Add": [{"Group": "all"}]})

    def _fleet(self) -> None:
        ids = self.ids
        data: dict[str, Any] = {"ImageId": IMAGE, "InstanceType": "m5.large"}
        if self.is_good:
            data["MetadataOptions"] = {"HttpTokens": "required"}
        else:
            data["NetworkInterfaces"] = [{"DeviceIndex": 0, "AssociatePublicIpAddress": True}]
        made = self.ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)["LaunchTemplate"]
        ids["template"] = made["LaunchTemplateId"]
        scaling = self.client("autoscaling")
        ids["configuration"] = ids["fleet"] = "web"
        scaling.create_launch_configuration(
            LaunchConfigurationName="web",
            ImageId=IMAGE,
            InstanceType="m5.large",
            AssociatePublicIpAddress=not self.is_good,
            MetadataOptions={"HttpTokens": "required" if self.is_good else "optional"},
        )
        launched: dict[str, Any] = {"LaunchConfigurationName": "web"}
        if self.is_good:
            launched = {"LaunchTemplate": {"LaunchTemplateId": ids["template"], "Version": "$Default"}}
        scaling.create_auto_scaling_group(
            AutoScalingGroupName="web",
            MinSize=0,
            MaxSize=0,
            VPCZoneIdentifier=",".join(self.subnets if self.is_good else self.subnets[:1]),
            TargetGroupARNs=[self._target_group()],
            HealthCheckType="ELB" if self.is_good else "EC2",
            HealthCheckGracePeriod=60,
            **launched,
        )

    def _target_group(self) -> str:
        made = self.client("elbv2").create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=self.ids["vpc"])
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    def _balancers(self) -> None:
        modern, classic, ids = self.client("elbv2"), self.client("elb"), self.ids
        subnets = self.subnets if self.is_good else self.subnets[:1]
        made = modern.create_load_balancer(Name="front", Subnets=subnets, SecurityGroups=[ids["outside"]])
        ids["balancer"] = made["LoadBalancers"][0]["LoadBalancerArn"]
        forward = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
        redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
        modern.create_listener(
            LoadBalancerArn=ids["balancer"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[redirect if self.is_good else forward],
        )
        if self.is_good:
            attributes = {
                "access_logs.s3.enabled": "true",
                "access_logs.s3.bucket": "logs",
                "deletion_protection.enabled": "true",
                "routing.http.drop_invalid_header_fields.enabled": "true",
            }
        else:
            attributes = {"routing.http.desync_mitigation_mode": "monitor"}
        modern.modify_load_balancer_attributes(
            LoadBalancerArn=ids["balancer"],
            Attributes=[{"Key": key, "Value": value} for key, value in attributes.items()],
        )
        ids["classic"] = "old"
        listener = {"Protocol": "SSL" if self.is_good else "TCP", "LoadBalancerPort": 443, "InstancePort": 443}
        classic.create_load_balancer(LoadBalancerName="old", Listeners=[listener], AvailabilityZones=[f"{self.name}a"])
        if self.is_good:
            on = {"Enabled": True}
            classic.modify_load_balancer_attributes(
                LoadBalancerName="old",
                LoadBalancerAttributes={"CrossZoneLoadBalancing": on, "ConnectionDraining": {**on, "Timeout": 60}},
            )

    def _edges(self) -> None:
        ids, ec2 = self.ids, self.ec2
        accept = "disable" if self.is_good else "enable"
        ids["transit"] = ec2.create_transit_gateway(Options={"AutoAcceptSharedAttachments": accept})["TransitGateway"][
            "TransitGatewayId"
        ]
        inside = self.client("elbv2").create_load_balancer(Name="inside", Subnets=self.subnets[:1], Type="network")
        service = ec2.create_vpc_endpoint_service_configuration(
            NetworkLoadBalancerArns=[inside["LoadBalancers"][0]["LoadBalancerArn"]], AcceptanceRequired=self.is_good
        )
        ids["service"] = service["ServiceConfiguration"]["ServiceId"]
        if not self.is_good:
            ec2.modify_vpc_endpoint_service_permissions(ServiceId=ids["service"], AddAllowedPrincipals=["*"])
            ids["endpoint"] = ec2.create_vpc_endpoint(
                VpcId=ids["default_vpc"], ServiceName=f"com.amazonaws.{self.name}.dynamodb"
            )["VpcEndpoint"]["VpcEndpointId"]


def _tcp(port: int, source: str) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": source}]}


def _everything(source: str, source6: str = "") -> dict[str, Any]:
    rule: dict[str, Any] = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": source}]}
    return rule | ({"Ipv6Ranges": [{"CidrIpv6": source6}]} if source6 else {})


def _icmp(source: str) -> dict[str, Any]:
    return {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": source}]}
