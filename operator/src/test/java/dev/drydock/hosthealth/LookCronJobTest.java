package dev.drydock.hosthealth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kube.Assignments;
import dev.drydock.kube.Coverage;
import dev.drydock.kube.TaskPods;
import dev.drydock.probe.LookAssignment;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the pods of a policy are given. */
class LookCronJobTest {

  private static PodSpec pod(String checks) {
    HostHealthPolicy policy = Fixtures.policy(checks + "schedule: \"0 * * * *\"\n");
    LookAssignment assignment =
        Assignments.of(
            policy.getSpec(),
            "0 * * * *",
            Map.of("a", new Coverage.Watched(Fixtures.host("a", "{}", ""))),
            _ -> Optional.empty());
    return LookCronJob.cronJob(
            policy,
            CronSchedule.parse("0 * * * *", "Etc/UTC"),
            assignment,
            LookCronJob.configMap(policy, assignment),
            new TaskPods("image", "Always", List.of()))
        .getSpec()
        .getJobTemplate()
        .getSpec()
        .getTemplate()
        .getSpec();
  }

  @Test
  void mountsTheSecretsOfServicesBesideTheKeysOfHosts() {
    PodSpec pod =
        pod(
            """
            - {name: a, severity: Info, postgresql: {secretName: db, viaHost: true, tablesWithoutPrimaryKey: 0}}
            - {name: b, severity: Info, postgresql: {secretName: db, tablesWithoutPrimaryKey: 0}}
            - {name: c, severity: Info, redis: {url: "redis://a", passwordSecret: {name: cache}}}
            """);
    assertThat(pod.getVolumes())
        .filteredOn(volume -> volume.getSecret() != null)
        .allMatch(volume -> volume.getSecret().getOptional())
        .extracting(volume -> volume.getSecret().getSecretName())
        .containsExactly("key", "cache", "db");
    assertThat(pod.getContainers().getFirst().getVolumeMounts())
        .extracting("mountPath")
        .contains(
            "/etc/drydock/task/identities/key",
            "/etc/drydock/task/credentials/cache",
            "/etc/drydock/task/credentials/db");
    assertThat(pod.getVolumes()).extracting(Volume::getName).doesNotHaveDuplicates();
  }

  @Test
  void mountsNoMoreThanItNeeds() {
    assertThat(pod("").getVolumes())
        .filteredOn(volume -> volume.getSecret() != null)
        .extracting(volume -> volume.getSecret().getSecretName())
        .containsExactly("key");
  }
}
