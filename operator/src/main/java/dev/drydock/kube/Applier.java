package dev.drydock.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Brings an object about by server-side apply, and asks for nothing where it is there already. */
public final class Applier {
  /** The field manager of everything that is applied. */
  public static final String MANAGER = "drydock";

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
   * Applies {@code desired}.
   *
   * @param actual the object as it is now, or null if there is none
   */
  public Outcome apply(HasMetadata desired, @Nullable HasMetadata actual) {
    if (actual != null && !sameOwner(desired, actual)) {
      return new Outcome.Foreign();
    }
    if (actual != null && holds(tree(actual), tree(desired))) {
      return new Outcome.Applied(actual);
    }
    return new Outcome.Applied(
        client
            .resource(desired)
            .patch(
                new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager(MANAGER)
                    .withForce(true)
                    .build()));
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
