package dev.drydock.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drydock.kube.Applier.Outcome;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobTemplateSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApplierTest {
  private static ApiServer server;
  private static KubernetesClient client;

  private String namespace;
  private Applier applier;
  private OwnerReference owner;

  @BeforeAll
  static void start() throws Exception {
    server = ApiServer.start();
    client = ClusterClient.create(server.config());
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  @BeforeEach
  void prepare() {
    namespace = server.freshNamespace();
    applier = new Applier(client);
    ConfigMap made = client.resource(configMap("owner")).create();
    owner =
        new OwnerReferenceBuilder()
            .withApiVersion("v1")
            .withKind("ConfigMap")
            .withName("owner")
            .withUid(made.getMetadata().getUid())
            .build();
  }

  @Test
  void whatAPartSaysHasTheSameNameInWhateverOrder() {
    var one = new LinkedHashMap<String, String>();
    one.put("hosts", "a");
    one.put("touches", "b");
    var other = new LinkedHashMap<String, String>();
    other.put("touches", "b");
    other.put("hosts", "a");
    assertThat(Applier.content(new ConfigMapBuilder().withData(one).build()))
        .isEqualTo(Applier.content(new ConfigMapBuilder().withData(other).build()))
        .isNotEqualTo(
            Applier.content(new ConfigMapBuilder().withData(Map.of("hosts", "a")).build()));
  }

  @Test
  void asksForNothingWhereItIsThereAlready() {
    apply("first");
    CronJob seen = seen();
    assertThat(seen.getSpec().getJobTemplate()).as("what informers keep").isNull();
    server.client().resource(seen).inNamespace(namespace).delete();

    assertThat(applier.apply(desired("first"), seen)).isEqualTo(new Outcome.Applied(seen));
    assertThat(seen()).as("nobody was asked, so nobody told that it is gone").isNull();
  }

  @Test
  void bringsAboutWhatHasChanged() {
    apply("first");
    apply("second");
    assertThat(image()).isEqualTo("second");
    assertThat(applier.template(seen()).orElseThrow().getSpec().getTemplate().getSpec())
        .satisfies(
            pod -> assertThat(pod.getContainers().getFirst().getImage()).isEqualTo("second"));
  }

  @Test
  void takesBackWhatSomebodyElseChanged() {
    apply("first");
    byAPerson(
        "{\"spec\": {\"jobTemplate\": {\"spec\": {\"template\": {\"spec\":"
            + " {\"containers\": [{\"name\": \"main\", \"image\": \"theirs\"}]}}}}}}");
    assertThat(image()).isEqualTo("theirs");
    apply("first");
    assertThat(image()).isEqualTo("first");
  }

  @Test
  void letsPeopleAddWhatIsTheirs() {
    apply("first");
    byAPerson("{\"metadata\": {\"labels\": {\"team\": \"storage\"}}}");
    CronJob seen = seen();
    assertThat(applier.apply(desired("first"), seen)).isEqualTo(new Outcome.Applied(seen));
    assertThat(seen().getMetadata())
        .satisfies(
            now -> {
              assertThat(now.getResourceVersion())
                  .isEqualTo(seen.getMetadata().getResourceVersion());
              assertThat(now.getLabels()).containsEntry("team", "storage");
            });
  }

  @Test
  void touchesNothingOfSomebodyElses() {
    CronJob theirs = desired("theirs");
    theirs.getMetadata().setOwnerReferences(null);
    server.client().resource(theirs).create();
    assertThat(applier.apply(desired("first"), seen())).isEqualTo(new Outcome.Foreign());
    assertThat(image()).isEqualTo("theirs");
  }

  @Test
  void touchesNothingThatCameMeanwhile() {
    CronJob theirs = desired("theirs");
    theirs.getMetadata().setOwnerReferences(null);
    server.client().resource(theirs).create();
    assertThatThrownBy(() -> applier.apply(desired("first"), null))
        .isInstanceOfSatisfying(
            KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(409));
    assertThat(image()).isEqualTo("theirs");
  }

  @Test
  void whatJobsAreMadeOfStandsForItselfOnceItIsNamed() {
    apply("first");
    CronJob named = named("second");
    assertThat(applier.apply(named, seen())).isInstanceOf(Outcome.Applied.class);
    assertThat(image()).as("it is sent all the same").isEqualTo("second");
    CronJob seen = seen();
    assertThat(applier.apply(named("second"), seen)).isEqualTo(new Outcome.Applied(seen));
    assertThat(applier.apply(named("third"), seen)).isNotEqualTo(new Outcome.Applied(seen));
    assertThat(image()).isEqualTo("third");
  }

  private CronJob named(String image) {
    CronJob named = desired(image);
    JobTemplateSpec jobs = named.getSpec().getJobTemplate();
    jobs.setMetadata(
        new ObjectMetaBuilder()
            .withAnnotations(Map.of(Applier.CONTENT, Applier.content(jobs)))
            .build());
    return named;
  }

  private void apply(String image) {
    assertThat(applier.apply(desired(image), seen())).isInstanceOf(Outcome.Applied.class);
  }

  private CronJob seen() {
    return client.batch().v1().cronjobs().inNamespace(namespace).withName("job").get();
  }

  private String image() {
    return whole()
        .get()
        .getSpec()
        .getJobTemplate()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getImage();
  }

  private void byAPerson(String patch) {
    whole().patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch);
  }

  private Resource<CronJob> whole() {
    return server.client().batch().v1().cronjobs().inNamespace(namespace).withName("job");
  }

  private ConfigMap configMap(String name) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(namespace)
        .endMetadata()
        .build();
  }

  private CronJob desired(String image) {
    return new CronJobBuilder()
        .withNewMetadata()
        .withName("job")
        .withNamespace(namespace)
        .withLabels(Map.of("a", "1", "b", "2", "c", "3"))
        .withOwnerReferences(owner)
        .endMetadata()
        .withNewSpec()
        .withSchedule("0 3 * * *")
        .withNewJobTemplate()
        .withNewSpec()
        .withNewTemplate()
        .withNewSpec()
        .withRestartPolicy("Never")
        .addNewContainer()
        .withName("main")
        .withImage(image)
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .endJobTemplate()
        .endSpec()
        .build();
  }
}
