{{/* The name of all objects: 55 letters at most, so that a suffix still fits into a Service's 63. */}}
{{- define "mesigate.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 55 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 55 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 55 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{/* Never more than these two: a Deployment's selector cannot change. */}}
{{- define "mesigate.selectorLabels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mesigate.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "mesigate.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "mesigate.metadata" -}}
name: {{ include "mesigate.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "mesigate.labels" . | nindent 2 }}
{{- end }}

{{- define "mesigate.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "mesigate.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{- define "mesigate.image" -}}
{{- $registry := .Values.image.registry | default (.Values.global).imageRegistry -}}
{{- with $registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- .Values.image.repository -}}
{{- with .Values.image.digest }}@{{ . }}{{ else }}:{{ $.Values.image.tag | default $.Chart.AppVersion }}{{ end -}}
{{- end }}

{{- define "mesigate.configMapName" -}}
{{- default (include "mesigate.fullname" .) .Values.existingConfigMap -}}
{{- end }}

{{- define "mesigate.servicePort" -}}
{{- .Values.service.port | default (ternary 443 80 .Values.tls.enabled) -}}
{{- end }}

{{/* All Secrets that pods get as folders, those of TLS and of the console among them, as a list in JSON. That of the
console may be one of the others: one Secret can hold all of a gateway's. */}}
{{- define "mesigate.secrets" -}}
{{- $secrets := .Values.secrets | default list -}}
{{- if .Values.tls.enabled -}}
{{- $secrets = append $secrets (dict "name" .Values.tls.existingSecret) -}}
{{- end -}}
{{- $console := dict "name" .Values.console.existingSecret -}}
{{- if and .Values.console.enabled (not (has $console $secrets)) -}}
{{- $secrets = append $secrets $console -}}
{{- end -}}
{{- toJson $secrets -}}
{{- end }}

{{/* A Secret's volume, by its place from 0 on: a Secret's name may be longer than a volume's. */}}
{{- define "mesigate.secretVolume" -}}
{{- printf "mesigate-secret-%d" (add1 .) -}}
{{- end }}
