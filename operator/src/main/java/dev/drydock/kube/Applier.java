package dev.drydock.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drydock.kernel.Fingerprint;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.JobSpec;
import io.fabric8.kubernetes.api.model.batch.v1.JobTemplateSpec;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings an object about by server-side apply, and asks for nothing where it is there already.
 *
 * <p>An annotation says what was applied, so that an object that nobody else has written needs no
 * comparison, and informers need not keep all of it.
 */
public final class Applier {
  /** The field manager of everything that is applied. */
  public static final String MANAGER = "drydock";

  static final String APPLIED = "drydock.dev/applied";

  /**
   * On what a CronJob makes its Jobs of, and on these: its {@link #content}, if it was asked for.
   */
  public static final String CONTENT = "drydock.dev/content";

  private static final JsonMapper SORTED =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private final KubernetesClient client;

  public Applier(KubernetesClient client) {
    this.client = client;
  }

  /** What came of it. */
  public sealed interface Outcome {
    /** It is as it should be. */
    record Applied(HasMetadata now) implements Outcome {}

    /** An object of that name exists and belongs to somebody else: nothing was touched. */
    record Foreign() implements Outcome {}
  }

  /**
   * Applies {@code desired}, and marks it as applied.
   *
   * @param actual the object as it is now, or null if there is none: should there be one all the
   *     same that says something else, it is refused with a conflict
   */
  public Outcome apply(HasMetadata desired, @Nullable HasMetadata actual) {
    if (actual != null && !sameOwner(desired, actual)) {
      return new Outcome.Foreign();
    }
    String fingerprint = fingerprint(desired);
    if (actual != null
        && (isAsApplied(actual, fingerprint)
            || holds(whole(actual).map(this::tree).orElse(null), tree(desired)))) {
      return new Outcome.Applied(actual);
    }
    var annotations = new HashMap<String, String>();
    if (desired.getMetadata().getAnnotations() != null) {
      annotations.putAll(desired.getMetadata().getAnnotations());
    }
    annotations.put(APPLIED, fingerprint);
    desired.getMetadata().setAnnotations(annotations);
    return new Outcome.Applied(
        client
            .resource(desired)
            .patch(
                new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager(MANAGER)
                    .withForce(actual != null)
                    .build()));
  }

  /** What the Jobs are made of says for itself what it is. */
  private static String fingerprint(HasMetadata desired) {
    if (!(desired instanceof CronJob cronJob) || !isNamed(cronJob.getSpec().getJobTemplate())) {
      return content(desired);
    }
    JobTemplateSpec jobs = cronJob.getSpec().getJobTemplate();
    JobSpec work = jobs.getSpec();
    jobs.setSpec(null);
    try {
      return content(desired);
    } finally {
      jobs.setSpec(work);
    }
  }

  private static boolean isNamed(JobTemplateSpec jobs) {
    return jobs.getMetadata() != null
        && jobs.getMetadata().getAnnotations() != null
        && jobs.getMetadata().getAnnotations().containsKey(CONTENT);
  }

  /** Names what a part of an object says: the same on every start of the operator. */
  public static String content(KubernetesResource part) {
    try {
      return Fingerprint.of(SORTED.writeValueAsString(part));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("an object that can't be sent", e);
    }
  }

  /** What a CronJob makes its Jobs of, which informers do not keep; nothing if it is gone. */
  public Optional<JobTemplateSpec> template(CronJob cronJob) {
    return whole(cronJob)
        .map(
            whole ->
                client
                    .getKubernetesSerialization()
                    .convertValue(whole.get("spec", "jobTemplate"), JobTemplateSpec.class));
  }

  private Optional<GenericKubernetesResource> whole(HasMetadata object) {
    return Optional.ofNullable(
        client
            .genericKubernetesResources(object.getApiVersion(), object.getKind())
            .inNamespace(object.getMetadata().getNamespace())
            .withName(object.getMetadata().getName())
            .get());
  }

  /** Nobody else has written it since this was applied; its status is its controller's. */
  private static boolean isAsApplied(HasMetadata actual, String fingerprint) {
    Map<String, String> annotations = actual.getMetadata().getAnnotations();
    List<ManagedFieldsEntry> fields = actual.getMetadata().getManagedFields();
    return annotations != null
        && fingerprint.equals(annotations.get(APPLIED))
        && fields != null
        && fields.stream()
            .filter(entry -> entry.getSubresource() == null || entry.getSubresource().isEmpty())
            .allMatch(
                entry ->
                    MANAGER.equals(entry.getManager()) && "Apply".equals(entry.getOperation()));
  }

  /** Whether an object will be refused again until somebody changes something. */
  public static boolean isRefusal(KubernetesClientException e) {
    return e.getCode() >= 400 && e.getCode() < 500 && e.getCode() != 404 && e.getCode() != 409;
  }

  private static boolean sameOwner(HasMetadata desired, HasMetadata actual) {
    String owner =
        desired.getMetadata().getOwnerReferences().stream()
            .findFirst()
            .map(OwnerReference::getUid)
            .orElse("");
    return actual.getMetadata().getOwnerReferences().stream()
        .anyMatch(reference -> reference.getUid().equals(owner));
  }

  private JsonNode tree(HasMetadata object) {
    return client.getKubernetesSerialization().convertValue(object, JsonNode.class);
  }

  /** Whether {@code actual} says everything that {@code desired} says. */
  private static boolean holds(@Nullable JsonNode actual, JsonNode desired) {
    if (actual == null) {
      return desired.isNull();
    }
    return switch (desired) {
      case ObjectNode wanted -> {
        for (Map.Entry<String, JsonNode> field : wanted.properties()) {
          if (!holds(actual.get(field.getKey()), field.getValue())) {
            yield false;
          }
        }
        yield true;
      }
      case ArrayNode wanted -> {
        if (actual.size() != wanted.size()) {
          yield false;
        }
        for (int i = 0; i < wanted.size(); i++) {
          if (!holds(actual.get(i), wanted.get(i))) {
            yield false;
          }
        }
        yield true;
      }
      default -> actual.asText().equals(desired.asText());
    };
  }
}
