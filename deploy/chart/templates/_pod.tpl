{{- define "mesigate.podTemplate" -}}
metadata:
  # Without the chart's version: a new chart alone is no reason for new pods.
  labels:
    {{- include "mesigate.selectorLabels" . | nindent 4 }}
    app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
    {{- with .Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: mesigate
    {{- if not .Values.existingConfigMap }}
    # Only over what is not reloaded: any other change of the settings is in use without new pods.
    checksum/settings-at-start: {{ include "mesigate.atStart" . | sha256sum }}
    {{- end }}
    {{- if .Values.ledger.emptyDir }}
    # Else the cluster's autoscaler would take away no node with such a pod.
    cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes: mesigate-ledger
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "mesigate.podSpec" . | nindent 2 }}
{{- end }}

{{- define "mesigate.podSpec" -}}
serviceAccountName: {{ include "mesigate.serviceAccountName" . }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ int .Values.terminationGracePeriodSeconds }}
{{- with .Values.imagePullSecrets | default (.Values.global).imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.initContainers }}
initContainers:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  {{- include "mesigate.container" . | nindent 2 }}
  {{- with .Values.extraContainers }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
volumes:
  {{- include "mesigate.volumes" . | nindent 2 }}
{{- include "mesigate.placement" . }}
{{- end }}

{{- define "mesigate.container" -}}
- name: mesigate
  image: {{ include "mesigate.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  env:
    {{- include "mesigate.env" . | nindent 4 }}
    {{- with .Values.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.envFrom }}
  envFrom:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  ports:
    - name: http
      containerPort: {{ int .Values.ports.http }}
    - name: admin
      containerPort: {{ int .Values.ports.admin }}
  lifecycle:
    preStop:
      exec:
        command: [mesigate, drain, --wait, {{ .Values.drain.wait }}]
  {{- range $probe, $path := dict "startup" "/startupz" "readiness" "/readyz" "liveness" "/livez" }}
  {{ $probe }}Probe:
    httpGet:
      path: {{ $path }}
      port: admin
    {{- with get $.Values.probes $probe }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  terminationMessagePolicy: FallbackToLogsOnError
  {{- with .Values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.securityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: mesigate-config
      mountPath: /etc/mesigate
      readOnly: true
    {{- range $index, $secret := include "mesigate.secrets" . | fromJsonArray }}
    - name: {{ include "mesigate.secretVolume" $index }}
      mountPath: /run/secrets/mesigate/{{ $secret.name }}
      readOnly: true
    {{- end }}
    {{- if .Values.upstreamCA.configMap }}
    - name: mesigate-upstream-ca
      mountPath: /run/mesigate/upstream-ca
      readOnly: true
    {{- end }}
    {{- if eq (include "mesigate.hasLedger" .) "true" }}
    - name: mesigate-ledger
      mountPath: /var/lib/mesigate
    {{- end }}
    {{- with .Values.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{/* What other objects depend on is said here, above the settings: then they cannot contradict each other. */}}
{{- define "mesigate.env" -}}
{{- $on := ternary "[::]" .Values.listenOn (eq .Values.listenOn "::") -}}
- name: MESIGATE_PROFILE
  value: central
- name: MESIGATE_CONFIG
  value: /etc/mesigate/mesigate.toml
- name: MESIGATE__LISTEN__ADDRESS
  value: {{ printf "%s:%d" $on (int .Values.ports.http) | quote }}
- name: MESIGATE__ADMIN__ADDRESS
  value: {{ printf "%s:%d" $on (int .Values.ports.admin) | quote }}
- name: MESIGATE__LISTEN__WORKERS
  value: {{ int .Values.workers | quote }}
{{- if .Values.operations }}
- name: MESIGATE__OPERATIONS
  value: /etc/mesigate/operations.toml
{{- end }}
{{- if .Values.tls.enabled }}
- name: MESIGATE__TLS__CERTIFICATE
  value: /run/secrets/mesigate/{{ .Values.tls.existingSecret }}/tls.crt
- name: MESIGATE__TLS__KEY
  value: /run/secrets/mesigate/{{ .Values.tls.existingSecret }}/tls.key
{{- end }}
{{- with .Values.console }}
{{- if .enabled }}
- name: MESIGATE__CONSOLE__ON
  value: "true"
{{- range $role, $key := dict "OPERATE" .operateKey "VIEW" .viewKey }}
{{- with $key }}
- name: MESIGATE__CONSOLE__{{ $role }}__FILE
  value: /run/secrets/mesigate/{{ $.Values.console.existingSecret }}/{{ . }}
{{- end }}
{{- end }}
# Beyond loopback the program wants a name; this one is good behind kubectl port-forward alone.
- name: MESIGATE__ADMIN__HOSTS
  value: {{ join "," (.hosts | default (list "localhost")) | quote }}
{{- end }}
{{- end }}
{{- if .Values.upstreamCA.configMap }}
- name: MESIGATE__UPSTREAM__CA_FILE
  value: /run/mesigate/upstream-ca/{{ .Values.upstreamCA.key }}
{{- end }}
{{- if eq (include "mesigate.hasLedger" .) "true" }}
{{- if eq (include "mesigate.sharesClaim" .) "true" }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: MESIGATE__LEDGER__FILE
  value: /var/lib/mesigate/$(POD_NAME).ledger
{{- else }}
- name: MESIGATE__LEDGER__FILE
  value: /var/lib/mesigate/ledger
{{- end }}
{{- end }}
{{- end }}

{{/* Folders and never single files (subPath): only folders follow a change of what they show. */}}
{{- define "mesigate.volumes" -}}
- name: mesigate-config
  configMap:
    name: {{ include "mesigate.configMapName" . }}
{{- range $index, $secret := include "mesigate.secrets" . | fromJsonArray }}
- name: {{ include "mesigate.secretVolume" $index }}
  secret:
    secretName: {{ $secret.name }}
    # Read through fsGroup, and by nobody else.
    defaultMode: {{ ternary 0o440 0o444 (hasKey ($.Values.podSecurityContext | default dict) "fsGroup") }}
{{- end }}
{{- with .Values.upstreamCA.configMap }}
- name: mesigate-upstream-ca
  configMap:
    name: {{ . }}
{{- end }}
{{- if eq (include "mesigate.sharesClaim" .) "true" }}
- name: mesigate-ledger
  persistentVolumeClaim:
    claimName: {{ .Values.ledger.persistence.existingClaim }}
{{- else if .Values.ledger.emptyDir }}
- name: mesigate-ledger
  emptyDir:
    # Four files of the longest that the program reads.
    sizeLimit: 1Gi
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "mesigate.placement" -}}
{{- with .Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- else }}
{{- if .Values.spread }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "mesigate.selectorLabels" $ | nindent 8 }}
    matchLabelKeys: [{{ ternary "controller-revision-hash" "pod-template-hash" (eq (include "mesigate.isPersistent" $) "true") }}]
  {{- end }}
{{- end }}
{{- end }}
{{- range $field := list "nodeSelector" "tolerations" "affinity" "dnsConfig" "hostAliases" }}
{{- with get $.Values $field }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- range $field := list "priorityClassName" "runtimeClassName" "schedulerName" "dnsPolicy" }}
{{- with get $.Values $field }}
{{ $field }}: {{ . }}
{{- end }}
{{- end }}
{{- end }}
