{{/* For charts of your own. `.Subcharts.mesigate` is what each template takes; in a pod template:

  metadata:
    labels:
      {{- include "mesigate.sidecar.labels" .Subcharts.mesigate | nindent 8 }}
    annotations:
      {{- include "mesigate.sidecar.annotations" .Subcharts.mesigate | nindent 8 }}
  spec:
    initContainers:
      {{- include "mesigate.sidecar" .Subcharts.mesigate | nindent 8 }}
    volumes:
      {{- include "mesigate.sidecar.volumes" .Subcharts.mesigate | nindent 8 }}

It must be the first of initContainers; with `sidecar.classic`, the first of containers.
files/sidecar.yaml is the definition that `mesigate inject` adds. */}}

{{- define "mesigate.sidecar" -}}
{{- $options := .Values.sidecar -}}
{{- $container := .Files.Get "files/sidecar.yaml" | fromYaml -}}
{{- $_ := set $container "image" (include "mesigate.image" .) -}}
{{- $mounts := list -}}
{{- with $options.configMap -}}
{{- $_ := set $container "env" (append $container.env (dict "name" "MESIGATE_CONFIG" "value" "/etc/mesigate/mesigate.toml")) -}}
{{- $mounts = append $mounts (dict "name" "mesigate-config" "mountPath" "/etc/mesigate" "readOnly" true) -}}
{{- end -}}
{{- range $index, $secret := $options.secrets -}}
{{- $mounts = append $mounts (dict "name" (include "mesigate.secretVolume" $index) "mountPath" (printf "/run/secrets/mesigate/%s" $secret.name) "readOnly" true) -}}
{{- end -}}
{{- with $mounts }}{{ $_ := set $container "volumeMounts" . }}{{ end -}}
{{- if $options.classic -}}
{{- $_ := unset $container "restartPolicy" -}}
{{- $_ := set $container "lifecycle" (dict "preStop" (dict "exec" (dict "command" (list "mesigate" "drain" "--wait" "2s")))) -}}
{{- end -}}
{{- list $container | toYaml -}}
{{- end }}

{{- define "mesigate.sidecar.labels" -}}
mesigate.io/sidecar: "true"
{{- end }}

{{- define "mesigate.sidecar.annotations" -}}
mesigate.io/sidecar-version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "mesigate.sidecar.volumes" -}}
{{- $volumes := list -}}
{{- with .Values.sidecar.configMap -}}
{{- $volumes = append $volumes (dict "name" "mesigate-config" "configMap" (dict "name" .)) -}}
{{- end -}}
{{- range $index, $secret := .Values.sidecar.secrets -}}
{{- $volumes = append $volumes (dict "name" (include "mesigate.secretVolume" $index) "secret" (dict "secretName" $secret.name)) -}}
{{- end -}}
{{- with $volumes }}{{ toYaml . }}{{ end -}}
{{- end }}
