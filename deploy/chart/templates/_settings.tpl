{{/* What the chart reads in `config`. The program reads it too, and knows better: here stand only the questions whose
answers concern Kubernetes. Each template writes JSON, since templates can only hand on text. */}}

{{- define "mesigate.settings" -}}
{{- fromToml .Values.config | toJson -}}
{{- end }}

{{/* Settings that only count at a start (src/snapshot/reload.rs), as far as `config` has them. Those of them that are
not in this list are variables of the container, whose change makes new pods anyway. */}}
{{- define "mesigate.atStart" -}}
{{- $settings := include "mesigate.settings" . | fromJson -}}
{{- $found := dict -}}
{{- range list "admin.hosts" "console.on" "console.view.file" "console.view.env" "console.operate.file" "console.operate.env" "keys.most" "cap.connections" "ledger.on" "ledger.file" "ledger.key.file" "ledger.key.env" "log.format" "log.level" "log.file" "trace" -}}
{{- $path := splitList "." . -}}
{{- $section := $settings -}}
{{- range initial $path -}}
{{- $section = get $section . | default dict -}}
{{- end -}}
{{- if hasKey $section (last $path) -}}
{{- $_ := set $found . (get $section (last $path)) -}}
{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end }}

{{/* Every upstream: that of all, those of apps, and those of single operations. */}}
{{- define "mesigate.upstreams" -}}
{{- $settings := include "mesigate.settings" . | fromJson -}}
{{- $found := list (mergeOverwrite (dict "url" "https://api.mesibo.com/backend/") ($settings.upstream | default dict)) -}}
{{- range $settings.app -}}
{{- with .upstream }}{{ $found = append $found . }}{{ end -}}
{{- range .routes }}{{ $found = append $found . }}{{ end -}}
{{- end -}}
{{- toJson $found -}}
{{- end }}

{{/* "true" if mesibo's cloud counts from how many addresses a token comes. */}}
{{- define "mesigate.isCounted" -}}
{{- if .Values.existingConfigMap -}}
{{- ne .Values.egress.mode "none" -}}
{{- else -}}
{{- $counted := false -}}
{{- range include "mesigate.upstreams" . | fromJsonArray -}}
{{- if ne (.kind | default "cloud") "on-premise" }}{{ $counted = true }}{{ end -}}
{{- end -}}
{{- $counted -}}
{{- end -}}
{{- end }}

{{/* The ports on which pods reach upstream, or the proxies before it. */}}
{{- define "mesigate.upstreamPorts" -}}
{{- $ports := list -}}
{{- if .Values.existingConfigMap -}}
{{- $ports = list 443 -}}
{{- else -}}
{{- range include "mesigate.upstreams" . | fromJsonArray -}}
{{- $url := urlParse (.proxy | default .url) -}}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- $ports = append $ports (int ($port | default (ternary 80 443 (eq $url.scheme "http")))) -}}
{{- end -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end }}

{{/* A time such as "500ms" or "1m 30s" in milliseconds. */}}
{{- define "mesigate.milliseconds" -}}
{{- $sum := 0.0 -}}
{{- $units := dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 -}}
{{- range regexFindAll "[0-9]+ *[a-z]+" . -1 -}}
{{- $unit := regexFind "[a-z]+" . -}}
{{- $short := ternary "ms" (trunc 1 $unit) (or (eq $unit "ms") (hasPrefix "mil" $unit) (hasPrefix "msec" $unit)) -}}
{{- $sum = addf $sum (mulf (regexFind "[0-9]+" .) (get $units $short | default 0)) -}}
{{- end -}}
{{- int $sum -}}
{{- end }}

{{/* The most replicas that run at once: with those that an update adds before it takes others away. */}}
{{- define "mesigate.mostReplicas" -}}
{{- int (ternary .Values.autoscaling.maxReplicas .Values.replicas .Values.autoscaling.enabled) -}}
{{- end }}

{{- define "mesigate.surge" -}}
{{- if or (eq (include "mesigate.isPersistent" .) "true") (eq (dig "type" "" (.Values.updateStrategy | default dict)) "Recreate") -}}
0
{{- else -}}
{{- $surge := dig "maxSurge" "25%" (dig "rollingUpdate" dict (.Values.updateStrategy | default dict) | default dict) | toString -}}
{{- if hasSuffix "%" $surge -}}
{{- divf (mulf (trimSuffix "%" $surge) (include "mesigate.mostReplicas" .)) 100 | ceil -}}
{{- else -}}
{{- int (float64 $surge) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* From how many addresses upstream may see the replicas at once. */}}
{{- define "mesigate.addresses" -}}
{{- if has .Values.egress.mode (list "node" "pod") -}}
{{- add (include "mesigate.mostReplicas" .) (include "mesigate.surge" .) -}}
{{- else -}}
{{- int .Values.egress.addresses -}}
{{- end -}}
{{- end }}

{{- define "mesigate.fewestReplicas" -}}
{{- int (ternary .Values.autoscaling.minReplicas .Values.replicas .Values.autoscaling.enabled) -}}
{{- end }}

{{/* "true" if a drain of nodes is held to the PodDisruptionBudget. */}}
{{- define "mesigate.hasBudget" -}}
{{- $enabled := toString .Values.podDisruptionBudget.enabled -}}
{{- or (eq $enabled "true") (and (eq $enabled "auto") (ge (include "mesigate.fewestReplicas" . | int) 2)) -}}
{{- end }}
