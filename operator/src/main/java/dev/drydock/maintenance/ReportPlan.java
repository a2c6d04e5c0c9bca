package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask.HealthReport;
import dev.drydock.kube.Assignments;
import dev.drydock.kube.Coverage;
import dev.drydock.kube.Coverage.Covered;
import dev.drydock.probe.LookAssignment.Target;
import dev.drydock.report.ReportAssignment;
import dev.drydock.report.ReportAssignment.Part;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a report is about, by the policies and hosts that there are now. Pure.
 *
 * @param refusal why it can't be made until a person changes something; nothing if it can
 * @param leftAlone why hosts of the policies can't be looked at, by name; not those that a person
 *     has suspended
 */
record ReportPlan(
    ReportAssignment assignment, Optional<String> refusal, Map<String, String> leftAlone) {
  private static final int NAMED = 3;

  ReportPlan {
    leftAlone = Map.copyOf(leftAlone);
  }

  /**
   * The plan of one task.
   *
   * @param policies all of the namespace, by name
   * @param hosts likewise
   */
  static ReportPlan of(
      MaintenanceScheduleSpec spec,
      HealthReport report,
      Map<String, HostHealthPolicy> policies,
      Map<String, Host> hosts) {
    var parts = new ArrayList<Part>();
    var refusals = new ArrayList<String>();
    var leftAlone = new TreeMap<String, String>();
    Set<String> unknown = new LinkedHashSet<>(report.checks());
    for (String name : new LinkedHashSet<>(report.policies())) {
      HostHealthPolicy policy = policies.get(name);
      if (policy == null) {
        refusals.add(
            "there is no HostHealthPolicy "
                + name
                + " in this namespace: create it, or take it out of the task");
        continue;
      }
      policy.getSpec().checks().stream().map(Check::name).forEach(unknown::remove);
      if (Boolean.TRUE.equals(policy.getSpec().suspend())) {
        refusals.add(
            "the HostHealthPolicy "
                + name
                + " is suspended: set its spec.suspend to false, or take it out of the task");
        continue;
      }
      try {
        parts.add(part(policy, hosts, leftAlone));
      } catch (IllegalArgumentException e) {
        refusals.add("the HostHealthPolicy " + name + " can't be read: " + e.getMessage());
      }
    }
    if (refusals.isEmpty() && !unknown.isEmpty()) {
      refusals.add(
          "there is no check "
              + String.join(", ", unknown)
              + " in HostHealthPolicy "
              + String.join(", ", report.policies())
              + ": correct the task's checks");
    }
    if (refusals.isEmpty() && parts.stream().allMatch(part -> part.targets().isEmpty())) {
      refusals.add(
          "no host of HostHealthPolicy "
              + String.join(", ", report.policies())
              + " can be looked at"
              + leftAlone.entrySet().stream()
                  .limit(NAMED)
                  .map(host -> host.getKey() + ": " + host.getValue())
                  .collect(Collectors.joining("; ", leftAlone.isEmpty() ? "" : ": ", "")));
    }
    return new ReportPlan(
        // Each run is due: the operator takes those away that are not.
        new ReportAssignment(null, Calendar.zone(spec), report.checks(), parts),
        refusals.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", refusals)),
        leftAlone);
  }

  private static Part part(
      HostHealthPolicy policy, Map<String, Host> hosts, Map<String, String> leftAlone) {
    Map<String, Covered> covered = Coverage.of(policy.getSpec().hosts(), hosts.values());
    List<Target> targets =
        Assignments.of(policy.getSpec(), "", covered, name -> Optional.ofNullable(hosts.get(name)))
            .targets();
    Set<String> reached = targets.stream().map(Target::name).collect(Collectors.toSet());
    covered.forEach(
        (name, one) -> {
          switch (one) {
            case Coverage.Watched _ -> {
              if (!reached.contains(name)) {
                leftAlone.put(name, "its jump hosts lead nowhere");
              }
            }
            case Coverage.OutOfReach(String message) -> leftAlone.put(name, message);
            case Coverage.LeftAlone _ -> {
              // Nobody is to look at it.
            }
          }
        });
    return new Part(policy.getMetadata().getName(), targets);
  }
}
