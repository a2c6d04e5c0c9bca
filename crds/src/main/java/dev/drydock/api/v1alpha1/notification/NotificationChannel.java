package dev.drydock.api.v1alpha1.notification;

import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** Where people are told what was found and done. */
@Group("drydock.dev")
@Version("v1alpha1")
@Plural("notificationchannels")
@Singular("notificationchannel")
@ShortNames("nch")
@ValidationRule(
    value = "self.metadata.name.size() <= 63",
    message = "the name has 63 characters at the most: names of other objects are made from it")
public class NotificationChannel
    extends CustomResource<NotificationChannelSpec, NotificationChannelStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  @SuppressWarnings("NullAway") // CustomResource is not annotated; an absent part stays absent.
  protected NotificationChannelSpec initSpec() {
    return null;
  }

  @Override
  @SuppressWarnings("NullAway")
  protected NotificationChannelStatus initStatus() {
    return null;
  }
}
