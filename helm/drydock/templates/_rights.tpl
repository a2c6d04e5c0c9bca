{{/*
What Drydock may do in a namespace that it looks after. Each line is used; helm/test knows them one by one.
Task pods have no rights at all.
*/}}
{{- define "drydock.rights" -}}
- apiGroups: [drydock.dev]
  resources: [hosthealthpolicies, hosts, maintenanceschedules, notificationchannels]
  verbs: [get, list, watch]
- apiGroups: [drydock.dev]
  resources: [hosthealthpolicies/status, hosts/status, maintenanceschedules/status, notificationchannels/status]
  verbs: [update]
# One Secret at a time, by the name that a resource gives.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
# What a task has to do.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch, create, patch, delete]
# When a task runs. Its Jobs are let start, or taken away; a report at once is a Job, too.
- apiGroups: [batch]
  resources: [cronjobs, jobs]
  verbs: [get, list, watch, create, patch, delete]
# How a task went; and which of its pods may begin.
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}
