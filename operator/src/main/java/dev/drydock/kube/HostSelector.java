package dev.drydock.kube;

import dev.drydock.api.v1alpha1.common.HostSelection;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.Map;

/** Whether a selection means a host, as metav1.LabelSelector is defined. Pure. */
public final class HostSelector {
  private HostSelector() {}

  /** By name where the selection has names, else by labels. */
  public static boolean selects(HostSelection selection, String name, Map<String, String> labels) {
    LabelSelector selector = selection.selector();
    return selector == null ? selection.names().contains(name) : matches(selector, labels);
  }

  private static boolean matches(LabelSelector selector, Map<String, String> labels) {
    Map<String, String> equal = selector.getMatchLabels();
    return (equal == null || labels.entrySet().containsAll(equal.entrySet()))
        && selector.getMatchExpressions().stream()
            .allMatch(requirement -> matches(requirement, labels));
  }

  private static boolean matches(LabelSelectorRequirement requirement, Map<String, String> labels) {
    String value = labels.get(requirement.getKey());
    return switch (requirement.getOperator()) {
      case "In" -> value != null && requirement.getValues().contains(value);
      case "NotIn" -> value == null || !requirement.getValues().contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      // The API server does not check a selector inside a custom resource.
      default -> false;
    };
  }
}
