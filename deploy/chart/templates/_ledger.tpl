{{/* "true" if the settings have a ledger at all, as far as the chart sees them. */}}
{{- define "mesigate.isLedgerOn" -}}
{{- $settings := include "mesigate.settings" . | fromJson -}}
{{- ne (dig "on" true ($settings.ledger | default dict) | toString) "false" -}}
{{- end }}

{{/* "true" if pods have a volume of the chart's for it. */}}
{{- define "mesigate.hasLedger" -}}
{{- or .Values.ledger.emptyDir .Values.ledger.persistence.enabled -}}
{{- end }}

{{/* "true" if that outlives them. */}}
{{- define "mesigate.isPersistent" -}}
{{- .Values.ledger.persistence.enabled -}}
{{- end }}

{{/* "true" if all replicas have one claim: then the name of the pod tells their files apart. */}}
{{- define "mesigate.sharesClaim" -}}
{{- and .Values.ledger.persistence.enabled (ne .Values.ledger.persistence.existingClaim "") -}}
{{- end }}

{{/* What has the pods, as kubectl and the autoscaler call it. */}}
{{- define "mesigate.workload" -}}
{{- ternary "StatefulSet" "Deployment" (eq (include "mesigate.isPersistent" .) "true") -}}
{{- end }}
