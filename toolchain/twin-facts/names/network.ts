import type { Origin } from '../names.ts';

/** VPC, load balancers, certificates, DNS and the firewall. */
export const networkOrigins = {
  'acm.Certificate': {
    cloudFormation: 'AWS::CertificateManager::Certificate',
    api: 'acm.RequestCertificate',
    names: {
      'options.certificateTransparencyLoggingPreference': 'CertificateTransparencyLoggingPreference',
      'options.export': 'CertificateExport',
      validationOptions: 'DomainValidationOptions',
    },
  },
  'acm.CertificateValidation': { replaces: ['certificateArn', 'validationRecordFqdns'] },
  'ec2.DefaultSecurityGroup': {
    cloudFormation: 'AWS::EC2::SecurityGroup',
    names: { ingress: 'SecurityGroupIngress', egress: 'SecurityGroupEgress' },
  },
  'ec2.Eip': {
    cloudFormation: 'AWS::EC2::EIP',
    api: 'ec2.AllocateAddress',
    names: { instance: 'InstanceId' },
    replaces: ['customerOwnedIpv4Pool', 'domain', 'publicIpv4Pool'],
  },
  'ec2.FlowLog': {
    cloudFormation: 'AWS::EC2::FlowLog',
    api: 'ec2.CreateFlowLogs',
    names: { iamRoleArn: 'DeliverLogsPermissionArn' },
    replaces: [
      'eniId',
      'regionalNatGatewayId',
      'subnetId',
      'transitGatewayAttachmentId',
      'transitGatewayId',
      'vpcId',
    ],
  },
  'ec2.InternetGateway': {},
  'ec2.NatGateway': {
    cloudFormation: 'AWS::EC2::NatGateway',
    api: 'ec2.CreateNatGateway',
    names: { privateIp: 'PrivateIpAddress' },
  },
  'ec2.Route': {
    cloudFormation: 'AWS::EC2::Route',
    api: 'ec2.CreateRoute',
    names: { egressOnlyGatewayId: 'EgressOnlyInternetGatewayId' },
  },
  'ec2.RouteTable': { cloudFormation: 'AWS::EC2::RouteTable', api: 'ec2.CreateRouteTable' },
  'ec2.RouteTableAssociation': {
    cloudFormation: 'AWS::EC2::SubnetRouteTableAssociation',
    api: 'ec2.AssociateRouteTable',
    replaces: ['gatewayId'],
    updates: ['routeTableId'],
  },
  'ec2.SecurityGroup': {
    cloudFormation: 'AWS::EC2::SecurityGroup',
    api: 'ec2.CreateSecurityGroup',
    names: {
      description: 'GroupDescription',
      egress: 'SecurityGroupEgress',
      ingress: 'SecurityGroupIngress',
      name: 'GroupName',
    },
    replaces: ['namePrefix'],
  },
  'ec2.Subnet': {
    cloudFormation: 'AWS::EC2::Subnet',
    api: 'ec2.CreateSubnet',
    names: { privateDnsHostnameTypeOnLaunch: 'PrivateDnsNameOptionsOnLaunch.HostnameType' },
  },
  'ec2.Vpc': { cloudFormation: 'AWS::EC2::VPC', api: 'ec2.CreateVpc', replaces: ['instanceTenancy'] },
  'ec2.VpcEndpoint': {
    cloudFormation: 'AWS::EC2::VPCEndpoint',
    api: 'ec2.CreateVpcEndpoint',
    names: { policy: 'PolicyDocument' },
  },
  'lb.Listener': {
    cloudFormation: 'AWS::ElasticLoadBalancingV2::Listener',
    api: 'elbv2.CreateListener',
    // CloudFormation's FixedResponseConfig and its like have other names here.
    names: {
      'defaultActions.*.fixedResponse': 'DefaultActions.*.FixedResponseConfig',
      'defaultActions.*.forward': 'DefaultActions.*.ForwardConfig',
      'defaultActions.*.redirect': 'DefaultActions.*.RedirectConfig',
    },
  },
  'lb.ListenerRule': {
    cloudFormation: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    api: 'elbv2.CreateRule',
    names: {
      'actions.*.fixedResponse': 'Actions.*.FixedResponseConfig',
      'actions.*.forward': 'Actions.*.ForwardConfig',
      'actions.*.redirect': 'Actions.*.RedirectConfig',
      'conditions.*.hostHeader': 'Conditions.*.HostHeaderConfig',
      'conditions.*.httpHeader': 'Conditions.*.HttpHeaderConfig',
      'conditions.*.httpRequestMethod': 'Conditions.*.HttpRequestMethodConfig',
      'conditions.*.pathPattern': 'Conditions.*.PathPatternConfig',
      'conditions.*.sourceIp': 'Conditions.*.SourceIpConfig',
    },
  },
  'lb.LoadBalancer': {
    cloudFormation: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    api: 'elbv2.CreateLoadBalancer',
    names: { loadBalancerType: 'Type' },
    replaces: ['customerOwnedIpv4Pool', 'internal', 'namePrefix'],
  },
  'lb.TargetGroup': {
    cloudFormation: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    api: 'elbv2.CreateTargetGroup',
    names: {
      'healthCheck.healthyThreshold': 'HealthyThresholdCount',
      'healthCheck.interval': 'HealthCheckIntervalSeconds',
      'healthCheck.path': 'HealthCheckPath',
      'healthCheck.protocol': 'HealthCheckProtocol',
      'healthCheck.timeout': 'HealthCheckTimeoutSeconds',
      'healthCheck.unhealthyThreshold': 'UnhealthyThresholdCount',
    },
    replaces: ['namePrefix'],
  },
  'route53.HealthCheck': {
    cloudFormation: 'AWS::Route53::HealthCheck/HealthCheckConfig',
    api: 'route53.CreateHealthCheck/HealthCheckConfig',
    names: {
      childHealthThreshold: 'HealthThreshold',
      cloudwatchAlarmName: 'AlarmIdentifier.Name',
      cloudwatchAlarmRegion: 'AlarmIdentifier.Region',
      fqdn: 'FullyQualifiedDomainName',
      invertHealthcheck: 'Inverted',
    },
    replaces: ['referenceName', 'routingControlArn'],
  },
  'route53.Record': {
    cloudFormation: 'AWS::Route53::RecordSet',
    api: 'route53.ChangeResourceRecordSets/ChangeBatch.Changes.*.ResourceRecordSet',
    names: {
      'failoverRoutingPolicies.*.type': 'Failover',
      'latencyRoutingPolicies.*.region': 'Region',
      'weightedRoutingPolicies.*.weight': 'Weight',
      zoneId: 'HostedZoneId',
    },
  },
  'route53.Zone': {
    cloudFormation: 'AWS::Route53::HostedZone',
    api: 'route53.CreateHostedZone',
    names: { comment: 'HostedZoneConfig.Comment' },
    replaces: ['delegationSetId'],
  },
  'vpc.SecurityGroupEgressRule': {
    cloudFormation: 'AWS::EC2::SecurityGroupEgress',
    names: { cidrIpv4: 'CidrIp', securityGroupId: 'GroupId' },
    updates: ['cidrIpv4', 'cidrIpv6', 'fromPort', 'ipProtocol', 'toPort'],
  },
  'vpc.SecurityGroupIngressRule': {
    cloudFormation: 'AWS::EC2::SecurityGroupIngress',
    names: { cidrIpv4: 'CidrIp', securityGroupId: 'GroupId' },
    updates: ['cidrIpv4', 'cidrIpv6', 'fromPort', 'ipProtocol', 'toPort'],
  },
  'wafv2.WebAcl': {
    cloudFormation: 'AWS::WAFv2::WebACL',
    api: 'wafv2.CreateWebACL',
    replaces: ['namePrefix'],
  },
  'wafv2.WebAclAssociation': {
    cloudFormation: 'AWS::WAFv2::WebACLAssociation',
    api: 'wafv2.AssociateWebACL',
  },
  'wafv2.WebAclLoggingConfiguration': {
    cloudFormation: 'AWS::WAFv2::LoggingConfiguration',
    api: 'wafv2.PutLoggingConfiguration/LoggingConfiguration',
    replaces: ['logDestinationConfigs'],
  },
} as const satisfies Readonly<Record<string, Origin>>;
