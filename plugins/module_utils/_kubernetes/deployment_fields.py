# Copyright (c) 2026, community.huaweicloud contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""Fields of a Deployment (apps/v1) and what Kubernetes accepts in them.

Each structure of the API maps types to the names of fields. The types are ``text``, ``boolean``, ``int32``, ``int64``, ``quantity``,
``int-or-text``, ``any``, the name of another structure, ``[type]`` (a list) and ``{type}`` (a mapping of free keys). Times are ``any``:
only the server sets them. The table has the fields of all Kubernetes versions from 1.25 on. The emulator loads this file, too, so it imports
only the standard library.
"""

from __future__ import annotations

import typing as t

# Containers and ephemeral containers have these fields.
_CONTAINER = {
    "boolean": "stdin stdinOnce tty",
    "[text]": "args command",
    "[ContainerPort]": "ports",
    "[ContainerResizePolicy]": "resizePolicy",
    "[ContainerRestartRule]": "restartPolicyRules",
    "[EnvFromSource]": "envFrom",
    "[EnvVar]": "env",
    "Lifecycle": "lifecycle",
    "Probe": "livenessProbe readinessProbe startupProbe",
    "ResourceRequirements": "resources",
    "SecurityContext": "securityContext",
    "[VolumeDevice]": "volumeDevices",
    "[VolumeMount]": "volumeMounts",
}

STRUCTURES: dict[str, dict[str, str]] = {
    "Deployment": {
        "text": "apiVersion kind",
        "DeploymentSpec": "spec",
        "ObjectMeta": "metadata",
    },
    "ObjectMeta": {
        "text": "generateName name namespace resourceVersion selfLink uid",
        "any": "creationTimestamp deletionTimestamp",
        "int64": "deletionGracePeriodSeconds generation",
        "[text]": "finalizers",
        "{text}": "annotations labels",
        "[ManagedFieldsEntry]": "managedFields",
        "[OwnerReference]": "ownerReferences",
    },
    "DeploymentSpec": {
        "boolean": "paused",
        "int32": "minReadySeconds progressDeadlineSeconds replicas revisionHistoryLimit",
        "DeploymentStrategy": "strategy",
        "LabelSelector": "selector",
        "PodTemplateSpec": "template",
    },
    "ManagedFieldsEntry": {
        "text": "apiVersion fieldsType manager operation subresource",
        "any": "fieldsV1 time",
    },
    "OwnerReference": {
        "text": "apiVersion kind name uid",
        "boolean": "blockOwnerDeletion controller",
    },
    "LabelSelector": {
        "{text}": "matchLabels",
        "[LabelSelectorRequirement]": "matchExpressions",
    },
    "DeploymentStrategy": {
        "text": "type",
        "RollingUpdateDeployment": "rollingUpdate",
    },
    "PodTemplateSpec": {
        "ObjectMeta": "metadata",
        "PodSpec": "spec",
    },
    "LabelSelectorRequirement": {
        "text": "key operator",
        "[text]": "values",
    },
    "RollingUpdateDeployment": {
        "int-or-text": "maxSurge maxUnavailable",
    },
    "PodSpec": {
        "text": (
            "dnsPolicy hostname hostnameOverride nodeName preemptionPolicy priorityClassName "
            "restartPolicy runtimeClassName schedulerName serviceAccount serviceAccountName "
            "subdomain"
        ),
        "boolean": (
            "automountServiceAccountToken enableServiceLinks hostIPC hostNetwork hostPID hostUsers "
            "setHostnameAsFQDN shareProcessNamespace"
        ),
        "int32": "priority",
        "int64": "activeDeadlineSeconds terminationGracePeriodSeconds",
        "{text}": "nodeSelector",
        "Affinity": "affinity",
        "[Container]": "containers initContainers",
        "[EphemeralContainer]": "ephemeralContainers",
        "[EvictionResponder]": "evictionResponders",
        "[HostAlias]": "hostAliases",
        "[LocalObjectReference]": "imagePullSecrets",
        "PodDNSConfig": "dnsConfig",
        "PodOS": "os",
        "[PodReadinessGate]": "readinessGates",
        "[PodResourceClaim]": "resourceClaims",
        "[PodSchedulingGate]": "schedulingGates",
        "PodSchedulingGroup": "schedulingGroup",
        "PodSecurityContext": "securityContext",
        "ResourceRequirements": "resources",
        "[Toleration]": "tolerations",
        "[TopologySpreadConstraint]": "topologySpreadConstraints",
        "[Volume]": "volumes",
        "WorkloadReference": "workloadRef",
        "{quantity}": "overhead",
    },
    "Affinity": {
        "NodeAffinity": "nodeAffinity",
        "PodAffinity": "podAffinity",
        "PodAntiAffinity": "podAntiAffinity",
    },
    "Container": {
        "text": ("image imagePullPolicy name restartPolicy terminationMessagePath terminationMessagePolicy workingDir"),
        **_CONTAINER,
    },
    "PodDNSConfig": {
        "[text]": "nameservers searches",
        "[PodDNSConfigOption]": "options",
    },
    "EphemeralContainer": {
        "text": (
            "image imagePullPolicy name restartPolicy targetContainerName terminationMessagePath "
            "terminationMessagePolicy workingDir"
        ),
        **_CONTAINER,
    },
    "HostAlias": {
        "text": "ip",
        "[text]": "hostnames",
    },
    "LocalObjectReference": {
        "text": "name",
    },
    "PodOS": {
        "text": "name",
    },
    "PodReadinessGate": {
        "text": "conditionType",
    },
    "PodSecurityContext": {
        "text": "fsGroupChangePolicy seLinuxChangePolicy supplementalGroupsPolicy",
        "boolean": "runAsNonRoot",
        "int64": "fsGroup runAsGroup runAsUser",
        "AppArmorProfile": "appArmorProfile",
        "SELinuxOptions": "seLinuxOptions",
        "SeccompProfile": "seccompProfile",
        "[Sysctl]": "sysctls",
        "WindowsSecurityContextOptions": "windowsOptions",
        "[int64]": "supplementalGroups",
    },
    "Toleration": {
        "text": "effect key operator value",
        "int64": "tolerationSeconds",
    },
    "TopologySpreadConstraint": {
        "text": "nodeAffinityPolicy nodeTaintsPolicy topologyKey whenUnsatisfiable",
        "int32": "maxSkew minDomains",
        "[text]": "matchLabelKeys",
        "LabelSelector": "labelSelector",
    },
    "Volume": {
        "text": "name",
        "AWSElasticBlockStoreVolumeSource": "awsElasticBlockStore",
        "AzureDiskVolumeSource": "azureDisk",
        "AzureFileVolumeSource": "azureFile",
        "CSIVolumeSource": "csi",
        "CephFSVolumeSource": "cephfs",
        "CinderVolumeSource": "cinder",
        "ConfigMapVolumeSource": "configMap",
        "DownwardAPIVolumeSource": "downwardAPI",
        "EmptyDirVolumeSource": "emptyDir",
        "EphemeralVolumeSource": "ephemeral",
        "FCVolumeSource": "fc",
        "FlexVolumeSource": "flexVolume",
        "FlockerVolumeSource": "flocker",
        "GCEPersistentDiskVolumeSource": "gcePersistentDisk",
        "GitRepoVolumeSource": "gitRepo",
        "GlusterfsVolumeSource": "glusterfs",
        "HostPathVolumeSource": "hostPath",
        "ISCSIVolumeSource": "iscsi",
        "ImageVolumeSource": "image",
        "NFSVolumeSource": "nfs",
        "PersistentVolumeClaimVolumeSource": "persistentVolumeClaim",
        "PhotonPersistentDiskVolumeSource": "photonPersistentDisk",
        "PortworxVolumeSource": "portworxVolume",
        "ProjectedVolumeSource": "projected",
        "QuobyteVolumeSource": "quobyte",
        "RBDVolumeSource": "rbd",
        "ScaleIOVolumeSource": "scaleIO",
        "SecretVolumeSource": "secret",
        "StorageOSVolumeSource": "storageos",
        "VsphereVirtualDiskVolumeSource": "vsphereVolume",
    },
    "PodResourceClaim": {
        "text": "name resourceClaimName resourceClaimTemplateName",
        "ClaimSource": "source",
    },
    "PodSchedulingGate": {
        "text": "name",
    },
    "ResourceRequirements": {
        "[ResourceClaim]": "claims",
        "{quantity}": "limits requests",
    },
    "WorkloadReference": {
        "text": "name podGroup podGroupReplicaKey",
    },
    "PodSchedulingGroup": {
        "text": "podGroupName",
    },
    "EvictionResponder": {
        "text": "name",
        "int32": "priority",
    },
    "NodeAffinity": {
        "NodeSelector": "requiredDuringSchedulingIgnoredDuringExecution",
        "[PreferredSchedulingTerm]": "preferredDuringSchedulingIgnoredDuringExecution",
    },
    "PodAffinity": {
        "[PodAffinityTerm]": "requiredDuringSchedulingIgnoredDuringExecution",
        "[WeightedPodAffinityTerm]": "preferredDuringSchedulingIgnoredDuringExecution",
    },
    "PodAntiAffinity": {
        "[PodAffinityTerm]": "requiredDuringSchedulingIgnoredDuringExecution",
        "[WeightedPodAffinityTerm]": "preferredDuringSchedulingIgnoredDuringExecution",
    },
    "EnvVar": {
        "text": "name value",
        "EnvVarSource": "valueFrom",
    },
    "EnvFromSource": {
        "text": "prefix",
        "ConfigMapEnvSource": "configMapRef",
        "SecretEnvSource": "secretRef",
    },
    "Lifecycle": {
        "text": "stopSignal",
        "LifecycleHandler": "postStart preStop",
    },
    "Probe": {
        "int32": "failureThreshold initialDelaySeconds periodSeconds successThreshold timeoutSeconds",
        "int64": "terminationGracePeriodSeconds",
        "ExecAction": "exec",
        "GRPCAction": "grpc",
        "HTTPGetAction": "httpGet",
        "TCPSocketAction": "tcpSocket",
    },
    "ContainerPort": {
        "text": "hostIP name protocol",
        "int32": "containerPort hostPort",
    },
    "SecurityContext": {
        "text": "procMount",
        "boolean": "allowPrivilegeEscalation privileged readOnlyRootFilesystem runAsNonRoot",
        "int64": "runAsGroup runAsUser",
        "AppArmorProfile": "appArmorProfile",
        "Capabilities": "capabilities",
        "SELinuxOptions": "seLinuxOptions",
        "SeccompProfile": "seccompProfile",
        "WindowsSecurityContextOptions": "windowsOptions",
    },
    "VolumeDevice": {
        "text": "devicePath name",
    },
    "VolumeMount": {
        "text": "mountPath mountPropagation name recursiveReadOnly subPath subPathExpr",
        "boolean": "readOnly",
        "[text]": "bindMountOptions",
    },
    "ContainerResizePolicy": {
        "text": "resourceName restartPolicy",
    },
    "ContainerRestartRule": {
        "text": "action",
        "ContainerRestartRuleOnExitCodes": "exitCodes",
    },
    "PodDNSConfigOption": {
        "text": "name value",
    },
    "SELinuxOptions": {
        "text": "level role type user",
    },
    "SeccompProfile": {
        "text": "localhostProfile type",
    },
    "Sysctl": {
        "text": "name value",
    },
    "WindowsSecurityContextOptions": {
        "text": "gmsaCredentialSpec gmsaCredentialSpecName runAsUserName",
        "boolean": "hostProcess",
    },
    "AppArmorProfile": {
        "text": "localhostProfile type",
    },
    "AWSElasticBlockStoreVolumeSource": {
        "text": "fsType volumeID",
        "boolean": "readOnly",
        "int32": "partition",
    },
    "AzureDiskVolumeSource": {
        "text": "cachingMode diskName diskURI fsType kind",
        "boolean": "readOnly",
    },
    "AzureFileVolumeSource": {
        "text": "secretName shareName",
        "boolean": "readOnly",
    },
    "CephFSVolumeSource": {
        "text": "path secretFile user",
        "boolean": "readOnly",
        "[text]": "monitors",
        "LocalObjectReference": "secretRef",
    },
    "CinderVolumeSource": {
        "text": "fsType volumeID",
        "boolean": "readOnly",
        "LocalObjectReference": "secretRef",
    },
    "ConfigMapVolumeSource": {
        "text": "name",
        "boolean": "optional",
        "int32": "defaultMode",
        "int64": "defaultUser",
        "[KeyToPath]": "items",
    },
    "CSIVolumeSource": {
        "text": "driver fsType",
        "boolean": "readOnly",
        "{text}": "volumeAttributes",
        "LocalObjectReference": "nodePublishSecretRef",
    },
    "DownwardAPIVolumeSource": {
        "int32": "defaultMode",
        "int64": "defaultUser",
        "[DownwardAPIVolumeFile]": "items",
    },
    "EmptyDirVolumeSource": {
        "text": "medium",
        "int32": "mode",
        "quantity": "sizeLimit",
    },
    "EphemeralVolumeSource": {
        "PersistentVolumeClaimTemplate": "volumeClaimTemplate",
    },
    "FCVolumeSource": {
        "text": "fsType",
        "boolean": "readOnly",
        "int32": "lun",
        "[text]": "targetWWNs wwids",
    },
    "FlexVolumeSource": {
        "text": "driver fsType",
        "boolean": "readOnly",
        "{text}": "options",
        "LocalObjectReference": "secretRef",
    },
    "FlockerVolumeSource": {
        "text": "datasetName datasetUUID",
    },
    "GCEPersistentDiskVolumeSource": {
        "text": "fsType pdName",
        "boolean": "readOnly",
        "int32": "partition",
    },
    "GitRepoVolumeSource": {
        "text": "directory repository revision",
    },
    "GlusterfsVolumeSource": {
        "text": "endpoints path",
        "boolean": "readOnly",
    },
    "HostPathVolumeSource": {
        "text": "path type",
    },
    "ISCSIVolumeSource": {
        "text": "fsType initiatorName iqn iscsiInterface targetPortal",
        "boolean": "chapAuthDiscovery chapAuthSession readOnly",
        "int32": "lun",
        "[text]": "portals",
        "LocalObjectReference": "secretRef",
    },
    "NFSVolumeSource": {
        "text": "path server",
        "boolean": "readOnly",
    },
    "PersistentVolumeClaimVolumeSource": {
        "text": "claimName",
        "boolean": "readOnly",
    },
    "PhotonPersistentDiskVolumeSource": {
        "text": "fsType pdID",
    },
    "PortworxVolumeSource": {
        "text": "fsType volumeID",
        "boolean": "readOnly",
    },
    "ProjectedVolumeSource": {
        "int32": "defaultMode",
        "int64": "defaultUser",
        "[VolumeProjection]": "sources",
    },
    "QuobyteVolumeSource": {
        "text": "group registry tenant user volume",
        "boolean": "readOnly",
    },
    "RBDVolumeSource": {
        "text": "fsType image keyring pool user",
        "boolean": "readOnly",
        "[text]": "monitors",
        "LocalObjectReference": "secretRef",
    },
    "ScaleIOVolumeSource": {
        "text": "fsType gateway protectionDomain storageMode storagePool system volumeName",
        "boolean": "readOnly sslEnabled",
        "LocalObjectReference": "secretRef",
    },
    "SecretVolumeSource": {
        "text": "secretName",
        "boolean": "optional",
        "int32": "defaultMode",
        "int64": "defaultUser",
        "[KeyToPath]": "items",
    },
    "StorageOSVolumeSource": {
        "text": "fsType volumeName volumeNamespace",
        "boolean": "readOnly",
        "LocalObjectReference": "secretRef",
    },
    "VsphereVirtualDiskVolumeSource": {
        "text": "fsType storagePolicyID storagePolicyName volumePath",
    },
    "ImageVolumeSource": {
        "text": "pullPolicy reference",
    },
    "ClaimSource": {
        "text": "resourceClaimName resourceClaimTemplateName",
    },
    "ResourceClaim": {
        "text": "name request",
    },
    "PreferredSchedulingTerm": {
        "int32": "weight",
        "NodeSelectorTerm": "preference",
    },
    "NodeSelector": {
        "[NodeSelectorTerm]": "nodeSelectorTerms",
    },
    "WeightedPodAffinityTerm": {
        "int32": "weight",
        "PodAffinityTerm": "podAffinityTerm",
    },
    "PodAffinityTerm": {
        "text": "topologyKey",
        "[text]": "matchLabelKeys mismatchLabelKeys namespaces",
        "LabelSelector": "labelSelector namespaceSelector",
    },
    "EnvVarSource": {
        "ConfigMapKeySelector": "configMapKeyRef",
        "FileKeySelector": "fileKeyRef",
        "ObjectFieldSelector": "fieldRef",
        "ResourceFieldSelector": "resourceFieldRef",
        "SecretKeySelector": "secretKeyRef",
    },
    "ConfigMapEnvSource": {
        "text": "name",
        "boolean": "optional",
    },
    "SecretEnvSource": {
        "text": "name",
        "boolean": "optional",
    },
    "LifecycleHandler": {
        "ExecAction": "exec",
        "HTTPGetAction": "httpGet",
        "SleepAction": "sleep",
        "TCPSocketAction": "tcpSocket",
    },
    "ExecAction": {
        "[text]": "command",
    },
    "GRPCAction": {
        "text": "mode service",
        "int32": "port",
    },
    "HTTPGetAction": {
        "text": "host path protocol scheme",
        "int-or-text": "port",
        "[HTTPHeader]": "httpHeaders",
    },
    "TCPSocketAction": {
        "text": "host",
        "int-or-text": "port",
    },
    "Capabilities": {
        "[text]": "add drop",
    },
    "ContainerRestartRuleOnExitCodes": {
        "text": "operator",
        "[int32]": "values",
    },
    "KeyToPath": {
        "text": "key path",
        "int32": "mode",
        "int64": "user",
    },
    "DownwardAPIVolumeFile": {
        "text": "path",
        "int32": "mode",
        "int64": "user",
        "ObjectFieldSelector": "fieldRef",
        "ResourceFieldSelector": "resourceFieldRef",
    },
    "PersistentVolumeClaimTemplate": {
        "ObjectMeta": "metadata",
        "PersistentVolumeClaimSpec": "spec",
    },
    "VolumeProjection": {
        "ClusterTrustBundleProjection": "clusterTrustBundle",
        "ConfigMapProjection": "configMap",
        "DownwardAPIProjection": "downwardAPI",
        "PodCertificateProjection": "podCertificate",
        "SecretProjection": "secret",
        "ServiceAccountTokenProjection": "serviceAccountToken",
    },
    "NodeSelectorTerm": {
        "[NodeSelectorRequirement]": "matchExpressions matchFields",
    },
    "ConfigMapKeySelector": {
        "text": "key name",
        "boolean": "optional",
    },
    "ObjectFieldSelector": {
        "text": "apiVersion fieldPath",
    },
    "ResourceFieldSelector": {
        "text": "containerName resource",
        "quantity": "divisor",
    },
    "SecretKeySelector": {
        "text": "key name",
        "boolean": "optional",
    },
    "FileKeySelector": {
        "text": "key path volumeName",
        "boolean": "optional",
    },
    "SleepAction": {
        "int64": "seconds",
    },
    "HTTPHeader": {
        "text": "name value",
    },
    "PersistentVolumeClaimSpec": {
        "text": "storageClassName volumeAttributesClassName volumeMode volumeName",
        "[text]": "accessModes",
        "LabelSelector": "selector",
        "TypedLocalObjectReference": "dataSource",
        "TypedObjectReference": "dataSourceRef",
        "VolumeResourceRequirements": "resources",
    },
    "ConfigMapProjection": {
        "text": "name",
        "boolean": "optional",
        "[KeyToPath]": "items",
    },
    "DownwardAPIProjection": {
        "[DownwardAPIVolumeFile]": "items",
    },
    "SecretProjection": {
        "text": "name",
        "boolean": "optional",
        "[KeyToPath]": "items",
    },
    "ServiceAccountTokenProjection": {
        "text": "audience path",
        "int64": "expirationSeconds user",
    },
    "ClusterTrustBundleProjection": {
        "text": "name path signerName",
        "boolean": "optional",
        "int64": "user",
        "LabelSelector": "labelSelector",
    },
    "PodCertificateProjection": {
        "text": "certificateChainPath credentialBundlePath keyPath keyType signerName",
        "int32": "maxExpirationSeconds",
        "int64": "user",
        "{text}": "userAnnotations",
    },
    "NodeSelectorRequirement": {
        "text": "key operator",
        "[text]": "values",
    },
    "TypedLocalObjectReference": {
        "text": "apiGroup kind name",
    },
    "TypedObjectReference": {
        "text": "apiGroup kind name namespace",
    },
    "VolumeResourceRequirements": {
        "{quantity}": "limits requests",
    },
}

# Fields that Kubernetes requires, beyond those that a rule of their own covers.
REQUIRED: dict[str, str] = {
    "CSIVolumeSource": "driver",
    "ConfigMapEnvSource": "name",
    "ConfigMapKeySelector": "key name",
    "ConfigMapProjection": "name",
    "ConfigMapVolumeSource": "name",
    "DownwardAPIVolumeFile": "path",
    "EnvVar": "name",
    "ExecAction": "command",
    "FlexVolumeSource": "driver",
    "GRPCAction": "port",
    "HTTPGetAction": "port",
    "HTTPHeader": "name",
    "HostAlias": "ip",
    "HostPathVolumeSource": "path",
    "KeyToPath": "key path",
    "LabelSelectorRequirement": "key operator",
    "NFSVolumeSource": "path server",
    "NodeSelector": "nodeSelectorTerms",
    "NodeSelectorRequirement": "key operator",
    "ObjectFieldSelector": "fieldPath",
    "OwnerReference": "apiVersion kind name uid",
    "PersistentVolumeClaimVolumeSource": "claimName",
    "PodAffinityTerm": "topologyKey",
    "PodOS": "name",
    "PreferredSchedulingTerm": "weight",
    "ResourceClaim": "name",
    "ResourceFieldSelector": "resource",
    "SeccompProfile": "type",
    "SecretEnvSource": "name",
    "SecretKeySelector": "key name",
    "SecretProjection": "name",
    "SecretVolumeSource": "secretName",
    "ServiceAccountTokenProjection": "path",
    "Sysctl": "name",
    "TCPSocketAction": "port",
    "TopologySpreadConstraint": "maxSkew topologyKey whenUnsatisfiable",
    "Volume": "name",
    "VolumeDevice": "devicePath name",
    "VolumeMount": "mountPath name",
    "WeightedPodAffinityTerm": "weight",
}
# Text fields that take one of a few values. Empty text means the default.
CHOICES: dict[str, str] = {
    "AppArmorProfile.type": "Localhost RuntimeDefault Unconfined",
    "Container.imagePullPolicy": "Always IfNotPresent Never",
    "Container.terminationMessagePolicy": "FallbackToLogsOnError File",
    "ContainerPort.protocol": "SCTP TCP UDP",
    "DeploymentStrategy.type": "Recreate RollingUpdate",
    "HTTPGetAction.scheme": "HTTP HTTPS",
    "HostPathVolumeSource.type": "BlockDevice CharDevice Directory DirectoryOrCreate File FileOrCreate Socket",
    "LabelSelectorRequirement.operator": "DoesNotExist Exists In NotIn",
    "NodeSelectorRequirement.operator": "DoesNotExist Exists Gt In Lt NotIn",
    "PersistentVolumeClaimSpec.volumeMode": "Block Filesystem",
    "PodOS.name": "linux windows",
    "PodSecurityContext.fsGroupChangePolicy": "Always OnRootMismatch",
    "PodSpec.dnsPolicy": "ClusterFirst ClusterFirstWithHostNet Default None",
    "PodSpec.preemptionPolicy": "Never PreemptLowerPriority",
    # The pods of a Deployment are always restarted.
    "PodSpec.restartPolicy": "Always",
    "SeccompProfile.type": "Localhost RuntimeDefault Unconfined",
    "SecurityContext.procMount": "Default Unmasked",
    "Toleration.effect": "NoExecute NoSchedule PreferNoSchedule",
    # Gt and Lt are new in 1.35.
    "Toleration.operator": "Equal Exists Gt Lt",
    "TopologySpreadConstraint.nodeAffinityPolicy": "Honor Ignore",
    "TopologySpreadConstraint.nodeTaintsPolicy": "Honor Ignore",
    "TopologySpreadConstraint.whenUnsatisfiable": "DoNotSchedule ScheduleAnyway",
    "VolumeMount.mountPropagation": "Bidirectional HostToContainer None",
    "VolumeMount.recursiveReadOnly": "Disabled Enabled IfPossible",
}
_ID = (0, 2**31 - 1)
_MODE = (0, 0o777)
_PORT = (1, 65535)
_NOT_NEGATIVE = (0, None)
_POSITIVE = (1, None)
_WEIGHT = (1, 100)
# Integer fields and what they may hold: the lowest and the highest value.
RANGES: dict[str, tuple[t.Optional[int], t.Optional[int]]] = {
    "ConfigMapVolumeSource.defaultMode": _MODE,
    "ContainerPort.containerPort": _PORT,
    # 0 is the same as no value.
    "ContainerPort.hostPort": (0, 65535),
    "DeploymentSpec.minReadySeconds": _NOT_NEGATIVE,
    "DeploymentSpec.progressDeadlineSeconds": _NOT_NEGATIVE,
    "DeploymentSpec.replicas": _NOT_NEGATIVE,
    "DeploymentSpec.revisionHistoryLimit": _NOT_NEGATIVE,
    "DownwardAPIVolumeFile.mode": _MODE,
    "DownwardAPIVolumeSource.defaultMode": _MODE,
    "GRPCAction.port": _PORT,
    "HTTPGetAction.port": _PORT,
    "KeyToPath.mode": _MODE,
    "PodSecurityContext.fsGroup": _ID,
    "PodSecurityContext.runAsGroup": _ID,
    "PodSecurityContext.runAsUser": _ID,
    "PodSecurityContext.supplementalGroups": _ID,
    "PodSpec.terminationGracePeriodSeconds": _NOT_NEGATIVE,
    "PreferredSchedulingTerm.weight": _WEIGHT,
    "Probe.failureThreshold": _NOT_NEGATIVE,
    "Probe.initialDelaySeconds": _NOT_NEGATIVE,
    "Probe.periodSeconds": _NOT_NEGATIVE,
    "Probe.successThreshold": _NOT_NEGATIVE,
    "Probe.terminationGracePeriodSeconds": _POSITIVE,
    "Probe.timeoutSeconds": _NOT_NEGATIVE,
    "ProjectedVolumeSource.defaultMode": _MODE,
    "RollingUpdateDeployment.maxSurge": _NOT_NEGATIVE,
    "RollingUpdateDeployment.maxUnavailable": _NOT_NEGATIVE,
    "SecretVolumeSource.defaultMode": _MODE,
    "SecurityContext.runAsGroup": _ID,
    "SecurityContext.runAsUser": _ID,
    "ServiceAccountTokenProjection.expirationSeconds": (600, 2**32),
    "TCPSocketAction.port": _PORT,
    "TopologySpreadConstraint.maxSkew": _POSITIVE,
    "TopologySpreadConstraint.minDomains": _POSITIVE,
    "WeightedPodAffinityTerm.weight": _WEIGHT,
}
# Text fields, and mappings of free keys, whose characters Kubernetes limits.
FORMATS: dict[str, str] = {
    "ConfigMapKeySelector.key": "file-key",
    "Container.name": "label",
    "ContainerPort.name": "port-name",
    "EnvFromSource.prefix": "variable",
    "EnvVar.name": "variable",
    "DownwardAPIVolumeFile.path": "relative-path",
    "HTTPGetAction.port": "port-name",
    "HostAlias.ip": "address",
    "KeyToPath.path": "relative-path",
    "LabelSelector.matchLabels": "labels",
    "LabelSelectorRequirement.key": "qualified-name",
    "LabelSelectorRequirement.values": "label-value",
    "NodeSelectorRequirement.key": "qualified-name",
    "ObjectMeta.annotations": "annotations",
    "ObjectMeta.finalizers": "qualified-name",
    "ObjectMeta.labels": "labels",
    "ObjectMeta.namespace": "label",
    "PodAffinityTerm.namespaces": "label",
    "PodAffinityTerm.topologyKey": "qualified-name",
    "PodResourceClaim.name": "label",
    "PodSpec.hostname": "label",
    "PodSpec.nodeName": "subdomain",
    "PodSpec.nodeSelector": "labels",
    "PodSpec.priorityClassName": "subdomain",
    "PodSpec.runtimeClassName": "subdomain",
    "PodSpec.serviceAccount": "subdomain",
    "PodSpec.serviceAccountName": "subdomain",
    "PodSpec.subdomain": "label",
    "ResourceRequirements.limits": "resources",
    "ResourceRequirements.requests": "resources",
    "RollingUpdateDeployment.maxSurge": "percentage",
    "RollingUpdateDeployment.maxUnavailable": "percentage",
    "SecretKeySelector.key": "file-key",
    "TCPSocketAction.port": "port-name",
    "Toleration.key": "qualified-name",
    "Toleration.value": "label-value",
    "TopologySpreadConstraint.topologyKey": "qualified-name",
    "Volume.name": "label",
}
# Fields of which one at most may be set. True: one must be set.
ALTERNATIVES: dict[str, tuple[str, bool]] = {
    "DownwardAPIVolumeFile": ("fieldRef resourceFieldRef", True),
    "EnvFromSource": ("configMapRef secretRef", True),
    "EnvVarSource": ("configMapKeyRef fieldRef fileKeyRef resourceFieldRef secretKeyRef", True),
    "LifecycleHandler": ("exec httpGet sleep tcpSocket", True),
    "Probe": ("exec grpc httpGet tcpSocket", True),
    # A volume without a source is an emptyDir.
    "Volume": (
        " ".join(name for kind, names in STRUCTURES["Volume"].items() if kind != "text" for name in names.split()),
        False,
    ),
    "VolumeProjection": ("clusterTrustBundle configMap downwardAPI podCertificate secret serviceAccountToken", False),
}
# Fields of a pod that Kubernetes refuses in the template of a Deployment.
FORBIDDEN: dict[str, str] = {"PodSpec": "activeDeadlineSeconds ephemeralContainers"}


def get_field_types(structure: str) -> dict[str, str]:
    """Return the type of each field of ``structure``."""
    if structure not in _field_types:
        _field_types[structure] = {
            name: kind for kind, names in STRUCTURES[structure].items() for name in names.split()
        }
    return _field_types[structure]


_field_types: dict[str, dict[str, str]] = {}
