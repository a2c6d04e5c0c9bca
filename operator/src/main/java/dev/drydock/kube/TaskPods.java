package dev.drydock.kube;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The pods that tasks run in: no rights, no token, Pod Security's {@code restricted}. Pure. */
public final class TaskPods {
  /** Every object that the operator makes has it. */
  public static final Map<String, String> MANAGED =
      Map.of("app.kubernetes.io/managed-by", "drydock", "app.kubernetes.io/name", "drydock-task");

  /** On a pod: when its run was due, where whoever lets it start has said so. */
  public static final String SLOT = "drydock.dev/slot";

  /** On a pod: whether another one of its Job may have begun before it. */
  public static final String FOLLOWS = "drydock.dev/follows";

  private static final String DIRECTORY = "/etc/drydock/task";
  private static final long USER = 65532L;

  private final String image;
  private final String pullPolicy;
  private final List<String> pullSecrets;

  /**
   * @param image the operator's own
   */
  public TaskPods(String image, String pullPolicy, List<String> pullSecrets) {
    this.image = image;
    this.pullPolicy = pullPolicy;
    this.pullSecrets = List.copyOf(pullSecrets);
  }

  /**
   * A pod that runs {@code drydock task <task>} once.
   *
   * @param labels beside {@link #MANAGED}
   * @param assignment the ConfigMap that says what is to be done
   * @param identities names of the Secrets of hosts that are mounted, each if it exists
   * @param credentials names of the Secrets of services, likewise
   */
  public PodTemplateSpec template(
      String task,
      Map<String, String> labels,
      String assignment,
      Collection<String> identities,
      Collection<String> credentials) {
    var volumes =
        new ArrayList<>(
            List.of(
                new VolumeBuilder()
                    .withName("assignment")
                    .withNewConfigMap()
                    .withName(assignment)
                    .endConfigMap()
                    .build(),
                new VolumeBuilder()
                    .withName("tmp")
                    .withNewEmptyDir()
                    .withSizeLimit(new Quantity("64Mi"))
                    .endEmptyDir()
                    .build()));
    var mounts =
        new ArrayList<>(
            List.of(
                new VolumeMountBuilder()
                    .withName("assignment")
                    .withMountPath(DIRECTORY + "/assignment")
                    .withReadOnly(true)
                    .build(),
                new VolumeMountBuilder().withName("tmp").withMountPath("/tmp").build()));
    mountSecrets("identity-", DIRECTORY + "/identities/", identities, volumes, mounts);
    mountSecrets("credential-", DIRECTORY + "/credentials/", credentials, volumes, mounts);
    return new PodTemplateSpecBuilder()
        .withNewMetadata()
        .withLabels(MANAGED)
        .addToLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withRestartPolicy("Never")
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withImagePullSecrets(pullSecrets.stream().map(LocalObjectReference::new).toList())
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withRunAsUser(USER)
        .withRunAsGroup(USER)
        .withFsGroup(USER)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .addNewContainer()
        .withName("task")
        .withImage(image)
        .withImagePullPolicy(pullPolicy)
        .withArgs("task", task)
        .withEnv(
            variable("DRYDOCK_JOB", "metadata.labels['batch.kubernetes.io/job-name']"),
            variable("DRYDOCK_RUN", "metadata.labels['batch.kubernetes.io/controller-uid']"),
            variable("DRYDOCK_SLOT", "metadata.annotations['" + SLOT + "']"),
            variable("DRYDOCK_FOLLOWS", "metadata.annotations['" + FOLLOWS + "']"))
        .withTerminationMessagePolicy("File")
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .withNewResources()
        .withRequests(Map.of("cpu", new Quantity("50m"), "memory", new Quantity("96Mi")))
        .withLimits(Map.of("memory", new Quantity("256Mi")))
        .endResources()
        .withVolumeMounts(mounts)
        .endContainer()
        .withVolumes(volumes)
        .endSpec()
        .build();
  }

  private static EnvVar variable(String name, String field) {
    return new EnvVarBuilder()
        .withName(name)
        .withNewValueFrom()
        .withNewFieldRef()
        .withFieldPath(field)
        .endFieldRef()
        .endValueFrom()
        .build();
  }

  private static void mountSecrets(
      String prefix,
      String directory,
      Collection<String> secrets,
      List<Volume> volumes,
      List<VolumeMount> mounts) {
    int number = 0;
    for (String secret : new TreeSet<>(secrets)) {
      String name = prefix + number++;
      volumes.add(
          new VolumeBuilder()
              .withName(name)
              .withNewSecret()
              .withSecretName(secret)
              .withOptional(true)
              .withDefaultMode(0440)
              .endSecret()
              .build());
      mounts.add(
          new VolumeMountBuilder()
              .withName(name)
              .withMountPath(directory + secret)
              .withReadOnly(true)
              .build());
    }
  }
}
