package dev.drydock.api.v1alpha1.host;

import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A machine outside the cluster that is reached over SSH. */
@Group("drydock.dev")
@Version("v1alpha1")
@Plural("hosts")
@Singular("host")
@ShortNames("hst")
@ValidationRule(
    value = "self.metadata.name.size() <= 63",
    message = "a host's name has 63 characters at the most: it is used as a label")
@ValidationRule(
    value = "!has(self.spec.jumpHost) || self.spec.jumpHost != self.metadata.name",
    message = "spec.jumpHost names the host itself: name another Host, or leave it out")
public class Host extends CustomResource<HostSpec, HostStatus> implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  @SuppressWarnings("NullAway") // CustomResource is not annotated; an absent part stays absent.
  protected HostSpec initSpec() {
    return null;
  }

  @Override
  @SuppressWarnings("NullAway")
  protected HostStatus initStatus() {
    return null;
  }
}
