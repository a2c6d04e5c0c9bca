{{- define "drydock.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Room is left for the longest suffix, so that two names never become one. */}}
{{- define "drydock.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Cluster-wide objects of two releases in two namespaces must not share a name. */}}
{{- define "drydock.clusterName" -}}
{{- $name := include "drydock.fullname" . -}}
{{- if eq .Release.Namespace $name "drydock-system" "default" -}}
{{- $name -}}
{{- else -}}
{{- printf "%s-%s" $name .Release.Namespace | trunc 100 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "drydock.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "drydock.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: say which ServiceAccount to use when serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "drydock.selectorLabels" -}}
app.kubernetes.io/name: {{ include "drydock.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "drydock.commonLabels" -}}
app.kubernetes.io/name: {{ include "drydock.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: drydock
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "drydock.labels" -}}
{{ include "drydock.commonLabels" . }}
app.kubernetes.io/component: operator
{{- end -}}

{{- define "drydock.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "drydock.imagePullSecretNames" -}}
{{- $names := list -}}
{{- range .Values.imagePullSecrets }}{{ $names = append $names .name }}{{ end -}}
{{- join "," $names -}}
{{- end -}}

{{- define "drydock.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "drydock.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* true | false | auto: "yes" when it is to be rendered. */}}
{{- define "drydock.monitoring" -}}
{{- $wanted := index . 0 -}}
{{- $api := printf "monitoring.coreos.com/v1/%s" (index . 1) -}}
{{- $root := index . 2 -}}
{{- if or (eq (toString $wanted) "true") (and (eq (toString $wanted) "auto") ($root.Capabilities.APIVersions.Has $api)) -}}
yes
{{- end -}}
{{- end -}}
