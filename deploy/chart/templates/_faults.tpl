{{/* What is refused, by subject: each fault is one line. Only what would fail without a word: the program itself refuses
wrong settings, and Kubernetes wrong fields. */}}

{{/* mesibo disables an app whose token comes from more than this number of addresses. */}}
{{- define "mesigate.mostAddresses" -}}5{{- end }}

{{- define "mesigate.faults.egress" -}}
{{- $mode := .Values.egress.mode }}
{{- $counted := eq (include "mesigate.isCounted" .) "true" }}
{{- $addresses := int (include "mesigate.addresses" .) }}
{{- $most := int (include "mesigate.mostAddresses" .) }}
{{- $replicas := int (include "mesigate.mostReplicas" .) }}
{{- if and $counted (gt $addresses $most) }}
{{- if has $mode (list "node" "pod") }}
{{ printf "egress.mode is %s: %d replicas and %d more during an update may come from %d addresses, and mesibo disables an app whose token comes from more than %d. Lower %s or updateStrategy.rollingUpdate.maxSurge; or let all leave through fewer addresses, and say so: egress.mode=nat and egress.addresses" $mode $replicas (int (include "mesigate.surge" .)) $addresses $most (ternary "autoscaling.maxReplicas" "replicas" .Values.autoscaling.enabled) }}
{{- else }}
{{ printf "egress.addresses is %d, and mesibo disables an app whose token comes from more than %d: let the replicas leave through fewer addresses" $addresses $most }}
{{- end }}
{{- end }}
{{- if and (eq $mode "none") $counted }}
{{ printf "egress.mode is none, which is for servers of your own alone, and an upstream in config is mesibo's cloud: write kind = \"on-premise\" at each upstream that is yours, or say in egress.mode from which addresses the replicas come" }}
{{- end }}
{{- if and (eq $mode "proxy") (not .Values.existingConfigMap) }}
{{- range include "mesigate.upstreams" . | fromJsonArray }}
{{- if and (ne (.kind | default "cloud") "on-premise") (not .proxy) }}
{{ printf "egress.mode is proxy, and the upstream %s in config is called without one: write proxy = \"http://HOST:PORT\" there, or choose another egress.mode" .url }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mesigate.faults.replicas" -}}
{{- $fewest := int (include "mesigate.fewestReplicas" .) }}
{{- $budget := .Values.podDisruptionBudget }}
{{- with .Values.autoscaling }}
{{- if .enabled }}
{{- if gt (int .minReplicas) (int .maxReplicas) }}
{{ printf "autoscaling.minReplicas is %d and maxReplicas is %d: the first must not be more than the second" (int .minReplicas) (int .maxReplicas) }}
{{- end }}
{{- if not (or .targetCPUUtilizationPercentage .metrics) }}
{{ printf "autoscaling is enabled without a measure: set autoscaling.targetCPUUtilizationPercentage or autoscaling.metrics" }}
{{- end }}
{{- if and .targetCPUUtilizationPercentage (not (dig "requests" "cpu" "" ($.Values.resources | default dict))) }}
{{ printf "autoscaling.targetCPUUtilizationPercentage is a part of resources.requests.cpu, which is not set, so nothing would ever scale: set it" }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (eq (toString $budget.enabled) "true") (lt $fewest 2) }}
{{ printf "podDisruptionBudget.enabled is true with %d replica: then a drain of nodes either takes it or never ends. Leave it at auto, or have two replicas" $fewest }}
{{- end }}
{{- if has (toString $budget.maxUnavailable) (list "0" "0%") }}
{{ printf "podDisruptionBudget.maxUnavailable is 0, with which no node could ever be drained: 1 takes one replica at a time" }}
{{- end }}
{{- end }}

{{- define "mesigate.faults.stop" -}}
{{- $settings := include "mesigate.settings" . | fromJson }}
{{- $times := dict "drain.wait" .Values.drain.wait }}
{{- range $key, $default := dict "stop.announce" "2s" "stop.linger" "1s" "deadline.drain" "25s" }}
{{- $path := splitList "." $key }}
{{- $_ := set $times $key (dig (first $path) (last $path) $default $settings | toString) }}
{{- end }}
{{- $sum := 0 }}
{{- $said := list }}
{{- range $key, $time := $times }}
{{- $sum = add $sum (include "mesigate.milliseconds" $time | int) }}
{{- $said = append $said (printf "%s %s" $key $time) }}
{{- end }}
{{- if gt $sum (mul 1000 (int .Values.terminationGracePeriodSeconds)) }}
{{ printf "terminationGracePeriodSeconds is %d, and a pod may need %.1f s to end (%s): Kubernetes would kill it with requests under way. Raise it above that sum" (int .Values.terminationGracePeriodSeconds) (divf $sum 1000) (join ", " $said) }}
{{- end }}
{{- end }}

{{- define "mesigate.faults.tls" -}}
{{- $tls := .Values.tls }}
{{- if and $tls.enabled (not $tls.existingSecret) }}
{{ printf "tls.enabled is true without a certificate: name the Secret with tls.crt and tls.key in tls.existingSecret" }}
{{- end }}
{{- if and $tls.existingSecret (not $tls.enabled) }}
{{ printf "tls.existingSecret is set and tls.enabled is false, so clients would be served without TLS: set tls.enabled" }}
{{- end }}
{{- end }}

{{- define "mesigate.faults.console" -}}
{{- $console := .Values.console }}
{{- if and $console.enabled (not $console.existingSecret) }}
{{ printf "console.enabled is true without a login token, and without one the program does not start: name the Secret with the token in console.existingSecret" }}
{{- end }}
{{- if and $console.enabled (not (or $console.operateKey $console.viewKey)) }}
{{ printf "console.enabled is true, and console.operateKey and console.viewKey are both empty, so nobody could log in: name a key of the Secret in one of them" }}
{{- end }}
{{- if and $console.enabled $console.viewKey (eq $console.operateKey $console.viewKey) }}
{{ printf "console.operateKey and console.viewKey are both %s, and who may only look needs another token: name two keys" $console.viewKey }}
{{- end }}
{{- if and $console.existingSecret (not $console.enabled) }}
{{ printf "console.existingSecret is set and console.enabled is false, so there would be no console: set console.enabled" }}
{{- end }}
{{- end }}

{{- define "mesigate.faults.secrets" -}}
{{- $names := list }}
{{- range include "mesigate.secrets" . | fromJsonArray }}
{{- if has .name $names }}
{{ printf "the Secret %s is named twice, in secrets or in tls.existingSecret: name it once" .name }}
{{- end }}
{{- $names = append $names .name }}
{{- end }}
{{- range regexFindAll "/run/secrets/mesigate/[^/\"'\\s]+" .Values.config -1 | uniq }}
{{- $name := trimPrefix "/run/secrets/mesigate/" . }}
{{- if not (has $name $names) }}
{{ printf "config names a file in /run/secrets/mesigate/%s, and secrets has no such Secret: add {name: %s} to secrets" $name $name }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mesigate.faults.settings" -}}
{{- $settings := include "mesigate.settings" . | fromJson }}
{{- if .Values.existingConfigMap }}
{{- range list "config" "operations" }}
{{- if get $.Values . }}
{{ printf "%s and existingConfigMap are both set, and pods read only the second: choose one" . }}
{{- end }}
{{- end }}
{{- end }}
{{- $elsewhere := dict "listen.address" "ports.http and listenOn" "admin.address" "ports.admin and listenOn" "listen.workers" "workers" "tls.certificate" "tls.existingSecret" "tls.key" "tls.existingSecret" }}
{{- if eq (include "mesigate.hasLedger" .) "true" }}{{ $_ := set $elsewhere "ledger.file" "ledger" }}{{ end }}
{{- if .Values.console.enabled }}
{{- $elsewhere = merge $elsewhere (dict "console.on" "console.enabled" "console.operate" "console.operateKey" "console.view" "console.viewKey" "admin.hosts" "console.hosts") }}
{{- end }}
{{- if .Values.operations }}{{ $_ := set $elsewhere "operations" "operations" }}{{ end }}
{{- if .Values.upstreamCA.configMap }}{{ $_ := set $elsewhere "upstream.ca_file" "upstreamCA" }}{{ end }}
{{- range $key, $value := $elsewhere }}
{{- $path := splitList "." $key }}
{{- $section := ternary $settings (get $settings (first $path) | default dict) (eq (len $path) 1) }}
{{- if hasKey $section (last $path) }}
{{ printf "config has %s, which the value %s sets: take it out of config" $key $value }}
{{- end }}
{{- end }}
{{- end }}

{{/* Kubernetes ends the names of a StatefulSet's revisions with ten letters, and they are labels of its pods. */}}
{{- define "mesigate.faults.ledger" -}}
{{- $settings := include "mesigate.settings" . | fromJson }}
{{- $persistence := .Values.ledger.persistence }}
{{- $isPersistent := eq (include "mesigate.isPersistent" .) "true" }}
{{- if and $isPersistent .Values.ledger.emptyDir }}
{{ printf "ledger.emptyDir and ledger.persistence.enabled are both true, and there is one ledger: choose one" }}
{{- end }}
{{- if and (eq (include "mesigate.hasLedger" .) "true") (ne (include "mesigate.isLedgerOn" .) "true") }}
{{ printf "%s is true and config has ledger.on = false, so nothing would be kept there: take one of them back" (ternary "ledger.persistence.enabled" "ledger.emptyDir" $isPersistent) }}
{{- end }}
{{- if and $persistence.existingClaim (not $isPersistent) }}
{{ printf "ledger.persistence.existingClaim is set and ledger.persistence.enabled is false, so nobody would use it: set ledger.persistence.enabled" }}
{{- end }}
{{- $name := include "mesigate.fullname" . }}
{{- if and $isPersistent (gt (len $name) 52) }}
{{ printf "the name %s has %d letters, and with ledger.persistence.enabled Kubernetes makes pods for 52 at most: set fullnameOverride" $name (len $name) }}
{{- end }}
{{- if eq (dig "strangers" "allow" ($settings.migration | default dict) | toString) "refuse" }}
{{- if not (or $isPersistent (dig "file" "" ($settings.ledger | default dict))) }}
{{ printf "config has migration.strangers = \"refuse\", and each new pod begins with an empty ledger, so it would refuse everybody: set ledger.persistence.enabled, or write \"warn\"" }}
{{- else if .Values.autoscaling.enabled }}
{{ printf "config has migration.strangers = \"refuse\", and a replica that the autoscaler adds begins with an empty ledger, so it would refuse everybody: set autoscaling.enabled to false, or write \"warn\"" }}
{{- end }}
{{- end }}
{{- end }}

{{/* Who may read the release, the ConfigMap or this text must not learn a secret: none is repeated here. */}}
{{- define "mesigate.faults.inline" -}}
{{- $settings := include "mesigate.settings" . | fromJson }}
{{- range $settings.app }}
{{- $app := .name | default "?" }}
{{- if kindIs "string" .token }}
{{ printf "the app %s has its token as text in config: put it into a Secret, name that in secrets, and write token = { file = \"/run/secrets/mesigate/SECRET/KEY\" }" $app }}
{{- end }}
{{- range ternary .keys (list .keys) (kindIs "slice" .keys) }}
{{- if kindIs "string" . }}
{{ printf "the app %s has a key as text in config: write { file = \"/run/secrets/mesigate/SECRET/KEY\" }, or { sha256 = \"…\" }" $app }}
{{- end }}
{{- end }}
{{- end }}
{{- range include "mesigate.upstreams" . | fromJsonArray }}
{{- if contains ":" ((urlParse (.proxy | default "")).userinfo | default "") }}
{{ printf "a proxy in config has its password in the address: write the user alone, and proxy_password = { file = \"/run/secrets/mesigate/SECRET/KEY\" }" }}
{{- end }}
{{- if kindIs "string" .proxy_password }}
{{ printf "proxy_password is text in config: write { file = \"/run/secrets/mesigate/SECRET/KEY\" }" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mesigate.faults.network" -}}
{{- if eq (int .Values.ports.http) (int .Values.ports.admin) }}
{{ printf "ports.http and ports.admin are both %d: clients and probes need one each" (int .Values.ports.http) }}
{{- end }}
{{- if and .Values.service.nodePort (eq .Values.service.type "ClusterIP") }}
{{ printf "service.nodePort is set and service.type is ClusterIP, which has none: choose NodePort or LoadBalancer" }}
{{- end }}
{{- range list "selector" "ports" "type" }}
{{- if hasKey ($.Values.service.spec | default dict) . }}
{{ printf "service.spec has %s, which is the chart's own: set service.type or service.port, or add a Service in extraObjects" . }}
{{- end }}
{{- end }}
{{- $policy := .Values.networkPolicy }}
{{- if $policy.enabled }}
{{- range list "clients" "upstream" }}
{{- if not (get $policy .) }}
{{ printf "networkPolicy.%s is empty, which Kubernetes takes for everybody: name peers, or write [{ipBlock: {cidr: 0.0.0.0/0}}] if you mean that" . }}
{{- end }}
{{- end }}
{{- if and (or .Values.serviceMonitor.enabled .Values.podMonitor.enabled) (not $policy.monitoring) }}
{{ printf "networkPolicy.monitoring is empty, so Prometheus could not reach the replicas that it is to scrape: name its pods or namespace" }}
{{- end }}
{{- with $policy.upstreamPorts }}
{{- range include "mesigate.upstreamPorts" $ | fromJsonArray }}
{{- if and (not $.Values.existingConfigMap) (not (has (int .) ($policy.upstreamPorts | toJson | fromJsonArray))) (not (has . ($policy.upstreamPorts | toJson | fromJsonArray))) }}
{{ printf "networkPolicy.upstreamPorts lacks %d, on which config reaches an upstream: add it, or leave the list empty" (int .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mesigate.faults.pods" -}}
{{- $names := list }}
{{- range .Values.extraEnv }}
{{- if hasPrefix "MESIGATE" .name }}
{{ printf "extraEnv has %s: the environment stands above all settings, and is only read at a start. Write the setting in config, and a secret as a file of secrets" .name }}
{{- end }}
{{- if has .name $names }}
{{ printf "extraEnv has %s twice, and only the last one would count: name it once" .name }}
{{- end }}
{{- $names = append $names .name }}
{{- end }}
{{- range $probe, $fields := .Values.probes }}
{{- range list "httpGet" "exec" "tcpSocket" "grpc" }}
{{- if hasKey ($fields | default dict) . }}
{{ printf "probes.%s has %s, and the program is to be asked by HTTP on its second port: leave it out, and set times alone" $probe . }}
{{- end }}
{{- end }}
{{- end }}
{{- range $where := list "podLabels" "commonLabels" }}
{{- range list "app.kubernetes.io/name" "app.kubernetes.io/instance" }}
{{- if hasKey (get $.Values $where | default dict) . }}
{{ printf "%s has %s, by which the Service finds its pods: leave it out, or set nameOverride" $where . }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mesigate.faults.monitoring" -}}
{{- if and .Values.enabled .Values.serviceMonitor.enabled .Values.podMonitor.enabled }}
{{ printf "serviceMonitor and podMonitor are both enabled, and would count each replica twice: choose one" }}
{{- end }}
{{- range list "serviceMonitor" "podMonitor" }}
{{- if and (get $.Values .).enabled (not $.Values.enabled) }}
{{ printf "%s is enabled and the gateway is not (enabled is false), so there is nothing to scrape: sidecarMonitor scrapes sidecars" . }}
{{- end }}
{{- end }}
{{- if and .Values.prometheusRule.enabled (not (.Files.Get "files/alerts.yaml")) }}
{{ printf "prometheusRule is enabled, and this copy of the chart has no files/alerts.yaml: put your alerts there, as `groups:` of a Prometheus rule file, or switch it off" }}
{{- end }}
{{- $alerts := .Files.Get "files/alerts.yaml" }}
{{- range .Values.prometheusRule.without }}
{{- if and $alerts (not (contains (printf "alert: %s\n" .) $alerts)) }}
{{ printf "prometheusRule.without has %s, which is no alert of files/alerts.yaml: take it out, or write it as it stands there" . }}
{{- end }}
{{- end }}
{{- if and .Values.dashboard.enabled (not (.Files.Glob "files/dashboards/*.json")) }}
{{ printf "dashboard is enabled, and this copy of the chart has no files/dashboards/*.json: put your dashboards there, or switch it off" }}
{{- end }}
{{- end }}

{{- define "mesigate.faults.sidecar" -}}
{{- $names := list }}
{{- range .Values.sidecar.secrets }}
{{- if has .name $names }}
{{ printf "sidecar.secrets names the Secret %s twice: name it once" .name }}
{{- end }}
{{- $names = append $names .name }}
{{- end }}
{{- end }}
