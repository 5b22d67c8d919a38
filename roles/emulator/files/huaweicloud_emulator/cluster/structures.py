# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields and types of the objects that the Kubernetes API of the emulator stores.

The types are ``string``, ``boolean``, ``integer`` (with the limits of the kind: int32, uint32, uint64), ``number``, ``duration``,
``date-time``, ``micro-time`` (six fractional digits), ``int-or-string``, ``any``, ``enum:A|B``, ``[T]`` for lists, ``{T}`` for maps with
string keys, or the name of a structure. A field with ``!`` after its name is required.

The fields of Istio are those of https://istio.io/latest/docs/reference/config/networking/virtual-service/ and
https://istio.io/latest/docs/reference/config/networking/destination-rule/. A test compares them with an independent schema.
"""

from __future__ import annotations

Structure = dict[str, str]

_SIMPLE_LB = "enum:UNSPECIFIED|LEAST_CONN|RANDOM|PASSTHROUGH|ROUND_ROBIN|LEAST_REQUEST"
_STRING_MATCH = {"exact": "string", "prefix": "string", "regex": "string"}
_HEADER_CHANGES = {"add": "{string}", "remove": "[string]", "set": "{string}"}
_L4_MATCH = {
    "destinationSubnets": "[string]",
    "gateways": "[string]",
    "port": "uint32",
    "sourceLabels": "{string}",
    "sourceNamespace": "string",
}
_POLICY = {
    "connectionPool": "ConnectionPool",
    "loadBalancer": "LoadBalancer",
    "outlierDetection": "OutlierDetection",
    "tls": "ClientTls",
}

VIRTUAL_SERVICE: dict[str, Structure] = {
    "VirtualService": {"spec": "VirtualServiceSpec", "status": "IstioStatus"},
    "VirtualServiceSpec": {
        "exportTo": "[string]",
        "gateways": "[string]",
        "hosts": "[string]",
        "http": "[HttpRoute]",
        "tcp": "[TcpRoute]",
        "tls": "[TlsRoute]",
    },
    "HttpRoute": {
        "corsPolicy": "CorsPolicy",
        "delegate": "Delegate",
        "directResponse": "DirectResponse",
        "fault": "HttpFault",
        "headers": "Headers",
        "match": "[HttpMatch]",
        "mirror": "Destination",
        "mirror_percent": "uint32",
        "mirrorPercent": "uint32",
        "mirrorPercentage": "Percent",
        "mirrors": "[Mirror]",
        "name": "string",
        "redirect": "Redirect",
        "retries": "Retries",
        "rewrite": "Rewrite",
        "route": "[HttpRouteDestination]",
        "timeout": "duration",
    },
    "CorsPolicy": {
        "allowCredentials": "boolean",
        "allowHeaders": "[string]",
        "allowMethods": "[string]",
        "allowOrigin": "[string]",
        "allowOrigins": "[StringMatch]",
        "exposeHeaders": "[string]",
        "maxAge": "duration",
        "unmatchedPreflights": "enum:UNSPECIFIED|FORWARD|IGNORE",
    },
    "StringMatch": _STRING_MATCH,
    "Delegate": {"name": "string", "namespace": "string"},
    "DirectResponse": {"body": "DirectResponseBody", "status!": "uint32"},
    "DirectResponseBody": {"bytes": "string", "string": "string"},
    "HttpFault": {"abort": "FaultAbort", "delay": "FaultDelay"},
    "FaultAbort": {"grpcStatus": "string", "http2Error": "string", "httpStatus": "int32", "percentage": "Percent"},
    "FaultDelay": {
        "exponentialDelay": "duration",
        "fixedDelay": "duration",
        "percent": "int32",
        "percentage": "Percent",
    },
    "Percent": {"value": "number"},
    "Headers": {"request": "HeaderChanges", "response": "HeaderChanges"},
    "HeaderChanges": _HEADER_CHANGES,
    "HttpMatch": {
        "authority": "StringMatch",
        "gateways": "[string]",
        "headers": "{StringMatch}",
        "ignoreUriCase": "boolean",
        "method": "StringMatch",
        "name": "string",
        "port": "uint32",
        "queryParams": "{StringMatch}",
        "scheme": "StringMatch",
        "sourceLabels": "{string}",
        "sourceNamespace": "string",
        "statPrefix": "string",
        "uri": "StringMatch",
        "withoutHeaders": "{StringMatch}",
    },
    "Destination": {"host!": "string", "port": "PortSelector", "subset": "string"},
    "PortSelector": {"number": "uint32"},
    "Mirror": {"destination!": "Destination", "percentage": "Percent"},
    "Redirect": {
        "authority": "string",
        "derivePort": "enum:FROM_PROTOCOL_DEFAULT|FROM_REQUEST_PORT",
        "port": "uint32",
        "redirectCode": "uint32",
        "scheme": "string",
        "uri": "string",
    },
    "Retries": {
        "attempts": "int32",
        "perTryTimeout": "duration",
        "retryOn": "string",
        "retryRemoteLocalities": "boolean",
    },
    "Rewrite": {"authority": "string", "uri": "string", "uriRegexRewrite": "RegexRewrite"},
    "RegexRewrite": {"match": "string", "rewrite": "string"},
    "HttpRouteDestination": {"destination!": "Destination", "headers": "Headers", "weight": "int32"},
    "TcpRoute": {"match": "[TcpMatch]", "route": "[RouteDestination]"},
    "TcpMatch": {**_L4_MATCH, "sourceSubnet": "string"},
    "RouteDestination": {"destination!": "Destination", "weight": "int32"},
    "TlsRoute": {"match!": "[TlsMatch]", "route": "[RouteDestination]"},
    "TlsMatch": {**_L4_MATCH, "sniHosts!": "[string]"},
}

DESTINATION_RULE: dict[str, Structure] = {
    "DestinationRule": {"spec": "DestinationRuleSpec", "status": "IstioStatus"},
    "DestinationRuleSpec": {
        "exportTo": "[string]",
        "host!": "string",
        "subsets": "[Subset]",
        "trafficPolicy": "TrafficPolicy",
        "workloadSelector": "WorkloadSelector",
    },
    "Subset": {"labels": "{string}", "name!": "string", "trafficPolicy": "TrafficPolicy"},
    "WorkloadSelector": {"matchLabels": "{string}"},
    "TrafficPolicy": {
        **_POLICY,
        "portLevelSettings": "[PortPolicy]",
        "proxyProtocol": "ProxyProtocol",
        "tunnel": "Tunnel",
    },
    "PortPolicy": {**_POLICY, "port": "PortSelector"},
    "PortSelector": {"number": "uint32"},
    "ProxyProtocol": {"version": "enum:V1|V2"},
    "Tunnel": {"protocol": "string", "targetHost!": "string", "targetPort!": "uint32"},
    "ConnectionPool": {"http": "HttpPool", "tcp": "TcpPool"},
    "HttpPool": {
        "h2UpgradePolicy": "enum:DEFAULT|DO_NOT_UPGRADE|UPGRADE",
        "http1MaxPendingRequests": "int32",
        "http2MaxRequests": "int32",
        "idleTimeout": "duration",
        "maxConcurrentStreams": "int32",
        "maxRequestsPerConnection": "int32",
        "maxRetries": "int32",
        "useClientProtocol": "boolean",
    },
    "TcpPool": {
        "connectTimeout": "duration",
        "idleTimeout": "duration",
        "maxConnectionDuration": "duration",
        "maxConnections": "int32",
        "tcpKeepalive": "TcpKeepalive",
    },
    "TcpKeepalive": {"interval": "duration", "probes": "uint32", "time": "duration"},
    "LoadBalancer": {
        "consistentHash": "ConsistentHash",
        "localityLbSetting": "LocalitySetting",
        "simple": _SIMPLE_LB,
        "warmup": "Warmup",
        "warmupDurationSecs": "duration",
    },
    "ConsistentHash": {
        "httpCookie": "HttpCookie",
        "httpHeaderName": "string",
        "httpQueryParameterName": "string",
        "maglev": "Maglev",
        "minimumRingSize": "uint64",
        "ringHash": "RingHash",
        "useSourceIp": "boolean",
    },
    "HttpCookie": {"name!": "string", "path": "string", "ttl": "duration"},
    "Maglev": {"tableSize": "uint64"},
    "RingHash": {"minimumRingSize": "uint64"},
    "LocalitySetting": {
        "distribute": "[LocalityWeights]",
        "enabled": "boolean",
        "failover": "[LocalityFailover]",
        "failoverPriority": "[string]",
    },
    "LocalityWeights": {"from": "string", "to": "{uint32}"},
    "LocalityFailover": {"from": "string", "to": "string"},
    "Warmup": {"aggression": "number", "duration!": "duration", "minimumPercent": "number"},
    "OutlierDetection": {
        "baseEjectionTime": "duration",
        "consecutive5xxErrors": "uint32",
        "consecutiveErrors": "int32",
        "consecutiveGatewayErrors": "uint32",
        "consecutiveLocalOriginFailures": "uint32",
        "interval": "duration",
        "maxEjectionPercent": "int32",
        "minHealthPercent": "int32",
        "splitExternalLocalOriginErrors": "boolean",
    },
    "ClientTls": {
        "caCertificates": "string",
        "caCrl": "string",
        "clientCertificate": "string",
        "credentialName": "string",
        "insecureSkipVerify": "boolean",
        "mode": "enum:DISABLE|SIMPLE|MUTUAL|ISTIO_MUTUAL",
        "privateKey": "string",
        "sni": "string",
        "subjectAltNames": "[string]",
    },
}

ISTIO_STATUS: dict[str, Structure] = {
    "IstioStatus": {
        "conditions": "[IstioCondition]",
        "observedGeneration": "int-or-string",
        "validationMessages": "[ValidationMessage]",
    },
    "IstioCondition": {
        "lastProbeTime": "date-time",
        "lastTransitionTime": "date-time",
        "message": "string",
        "observedGeneration": "int-or-string",
        "reason": "string",
        "status": "string",
        "type": "string",
    },
    "ValidationMessage": {
        "documentationUrl": "string",
        "level": "enum:UNKNOWN|ERROR|WARNING|INFO",
        "type": "MessageType",
    },
    "MessageType": {"code": "string", "name": "string"},
}

BUILT_IN: dict[str, Structure] = {
    "Lease": {"spec": "LeaseSpec"},
    "LeaseSpec": {
        "acquireTime": "micro-time",
        "holderIdentity": "string",
        "leaseDurationSeconds": "int32",
        "leaseTransitions": "int32",
        "preferredHolder": "string",
        "renewTime": "micro-time",
        "strategy": "string",
    },
    "Service": {"spec": "ServiceSpec", "status": "any"},
    "ServiceSpec": {
        "allocateLoadBalancerNodePorts": "boolean",
        "clusterIP": "string",
        "clusterIPs": "[string]",
        "externalIPs": "[string]",
        "externalName": "string",
        "externalTrafficPolicy": "string",
        "healthCheckNodePort": "int32",
        "internalTrafficPolicy": "string",
        "ipFamilies": "[string]",
        "ipFamilyPolicy": "string",
        "loadBalancerClass": "string",
        "loadBalancerIP": "string",
        "loadBalancerSourceRanges": "[string]",
        "ports": "[ServicePort]",
        "publishNotReadyAddresses": "boolean",
        "selector": "{string}",
        "sessionAffinity": "string",
        "sessionAffinityConfig": "any",
        "trafficDistribution": "string",
        "type": "string",
    },
    "ServicePort": {
        "appProtocol": "string",
        "name": "string",
        "nodePort": "int32",
        "port!": "int32",
        "protocol": "string",
        "targetPort": "int-or-string",
    },
    "Deployment": {"spec": "any", "status": "any"},
    "Pod": {"spec": "any", "status": "any"},
    "ReplicaSet": {"spec": "any", "status": "any"},
}

OBJECT_META: dict[str, Structure] = {
    "ObjectMeta": {
        "annotations": "{string}",
        "creationTimestamp": "date-time",
        "deletionGracePeriodSeconds": "uint64",
        "deletionTimestamp": "date-time",
        "finalizers": "[string]",
        "generateName": "string",
        "generation": "uint64",
        "labels": "{string}",
        "managedFields": "[ManagedFields]",
        "name": "string",
        "namespace": "string",
        "ownerReferences": "[OwnerReference]",
        "resourceVersion": "string",
        "selfLink": "string",
        "uid": "string",
    },
    "ManagedFields": {
        "apiVersion": "string",
        "fieldsType": "string",
        "fieldsV1": "any",
        "manager": "string",
        "operation": "string",
        "subresource": "string",
        "time": "date-time",
    },
    "OwnerReference": {
        "apiVersion!": "string",
        "blockOwnerDeletion": "boolean",
        "controller": "boolean",
        "kind!": "string",
        "name!": "string",
        "uid!": "string",
    },
}

STRUCTURES: dict[str, Structure] = {**VIRTUAL_SERVICE, **DESTINATION_RULE, **ISTIO_STATUS, **BUILT_IN, **OBJECT_META}
# At most one of these fields can be set.
ALTERNATIVES: dict[str, tuple[str, ...]] = {
    "StringMatch": ("exact", "prefix", "regex"),
    "DirectResponseBody": ("string", "bytes"),
    "FaultAbort": ("httpStatus", "grpcStatus", "http2Error"),
    "FaultDelay": ("fixedDelay", "exponentialDelay"),
    "Redirect": ("port", "derivePort"),
    "LoadBalancer": ("simple", "consistentHash"),
}
