package dev.drydock.api.v1alpha1.bluegreen;

import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** Brings out a new version beside the old one, watches both, and switches. */
@Group("drydock.dev")
@Version("v1alpha1")
@Plural("bluegreendeployments")
@Singular("bluegreendeployment")
@ShortNames("bgd")
@ValidationRule(
    value = "self.metadata.name.size() <= 44",
    message = "the name has 44 characters at the most: names of other objects are made from it")
@ValidationRule(
    value = "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
    message = "the name begins with a letter and has no dot: Services are named after it")
public class BlueGreenDeployment
    extends CustomResource<BlueGreenDeploymentSpec, BlueGreenDeploymentStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  @SuppressWarnings("NullAway") // CustomResource is not annotated; an absent part stays absent.
  protected BlueGreenDeploymentSpec initSpec() {
    return null;
  }

  @Override
  @SuppressWarnings("NullAway")
  protected BlueGreenDeploymentStatus initStatus() {
    return null;
  }
}
