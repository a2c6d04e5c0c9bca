package dev.drydock.api.v1alpha1.hosthealth;

import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** What is watched on hosts, who is told, and what is done about it. */
@Group("drydock.dev")
@Version("v1alpha1")
@Plural("hosthealthpolicies")
@Singular("hosthealthpolicy")
@ShortNames("hhp")
@ValidationRule(
    value = "self.metadata.name.size() <= 44",
    message = "the name has 44 characters at the most: names of other objects are made from it")
public class HostHealthPolicy extends CustomResource<HostHealthPolicySpec, HostHealthPolicyStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  @SuppressWarnings("NullAway") // CustomResource is not annotated; an absent part stays absent.
  protected HostHealthPolicySpec initSpec() {
    return null;
  }

  @Override
  @SuppressWarnings("NullAway")
  protected HostHealthPolicyStatus initStatus() {
    return null;
  }
}
