package dev.drydock.api.v1alpha1.backup;

import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** What is saved, where to, for how long, and how it is proven that it can be restored. */
@Group("drydock.dev")
@Version("v1alpha1")
@Plural("backupjobs")
@Singular("backupjob")
@ShortNames("bj")
@ValidationRule(
    value = "self.metadata.name.size() <= 44",
    message = "the name has 44 characters at the most: names of other objects are made from it")
public class BackupJob extends CustomResource<BackupJobSpec, BackupJobStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  @SuppressWarnings("NullAway") // CustomResource is not annotated; an absent part stays absent.
  protected BackupJobSpec initSpec() {
    return null;
  }

  @Override
  @SuppressWarnings("NullAway")
  protected BackupJobStatus initStatus() {
    return null;
  }
}
