package dev.drydock.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.HostSelection;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostSelectorTest {
  private static final Map<String, String> LABELS = Map.of("role", "eth", "zone", "a");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{names: [big]} | true",
        "{names: [other]} | false",
        "{selector: {}} | true",
        "{selector: {matchLabels: {role: eth}}} | true",
        "{selector: {matchLabels: {role: eth, zone: b}}} | false",
        "{selector: {matchExpressions: [{key: role, operator: In, values: [eth, edge]}]}} | true",
        "{selector: {matchExpressions: [{key: role, operator: In, values: [edge]}]}} | false",
        "{selector: {matchExpressions: [{key: none, operator: In, values: [edge]}]}} | false",
        "{selector: {matchExpressions: [{key: role, operator: NotIn, values: [edge]}]}} | true",
        "{selector: {matchExpressions: [{key: role, operator: NotIn, values: [eth]}]}} | false",
        "{selector: {matchExpressions: [{key: none, operator: NotIn, values: [eth]}]}} | true",
        "{selector: {matchExpressions: [{key: zone, operator: Exists}]}} | true",
        "{selector: {matchExpressions: [{key: none, operator: Exists}]}} | false",
        "{selector: {matchExpressions: [{key: none, operator: DoesNotExist}]}} | true",
        "{selector: {matchExpressions: [{key: zone, operator: DoesNotExist}]}} | false",
        "{selector: {matchExpressions: [{key: zone, operator: Matches}]}} | false",
        "{selector: {matchLabels: {role: eth}, matchExpressions: [{key: zone, operator: In, values:"
            + " [b]}]}} | false"
      })
  void selectsAsKubernetesDoes(String yaml, boolean expected) {
    HostSelection selection = Serialization.unmarshal("---\n" + yaml, HostSelection.class);
    assertThat(HostSelector.selects(selection, "big", LABELS)).isEqualTo(expected);
  }
}
