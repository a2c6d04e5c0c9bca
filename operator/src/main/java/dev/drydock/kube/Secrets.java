package dev.drydock.kube;

import dev.drydock.kernel.Text;
import dev.drydock.port.Credentials;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads single Secrets by name. The operator may not list Secrets, so it can't watch them either:
 * whoever needs one asks at each turn, and gets an answer that is at most 15 seconds old. All ask
 * the same instance, so that none goes on with a key that another one has seen replaced.
 */
public final class Secrets {
  private static final Duration FRESH = Duration.ofSeconds(15);

  /** How long an answer is good for while the API server can't be asked. */
  private static final Duration STALE = Duration.ofMinutes(10);

  private static final int KEPT = 2000;

  private final KubernetesClient client;
  private final RequestLimit limit;
  private final Clock clock;
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();

  private record Answer(Result result, Instant at) {}

  public Secrets(KubernetesClient client, RequestLimit limit, Clock clock) {
    this.client = client;
    this.limit = limit;
    this.clock = clock;
  }

  /** What came of reading a Secret. */
  public sealed interface Result {}

  /**
   * A Secret that could be read.
   *
   * @param version changes whenever the Secret does
   */
  public record Found(String name, @Nullable String type, Map<String, String> data, String version)
      implements Result {
    public Found {
      data = Map.copyOf(data);
    }

    /** The value of {@code key} without line ends around it; nothing if it is absent or empty. */
    public Optional<String> value(String key) {
      return Optional.ofNullable(data.get(key)).map(String::strip).filter(v -> !v.isEmpty());
    }

    @Override
    public String toString() {
      return "Secret " + name;
    }
  }

  /** There is no such Secret, or it may not be read; the message says which. */
  public record Missing(String message) implements Result {}

  /**
   * Reads one Secret.
   *
   * @throws KubernetesClientException if the API server can't be asked
   */
  public Result read(String namespace, String name) {
    Instant now = clock.instant();
    Answer last = answers.get(namespace + "/" + name);
    if (last != null && !last.at().isAfter(now) && last.at().plus(FRESH).isAfter(now)) {
      return last.result();
    }
    Result result;
    try {
      result = ask(namespace, name);
    } catch (KubernetesClientException e) {
      if (last != null && last.at().plus(STALE).isAfter(now)) {
        return last.result();
      }
      throw e;
    }
    if (answers.size() >= KEPT) {
      answers.clear();
    }
    answers.put(namespace + "/" + name, new Answer(result, now));
    return result;
  }

  /** The Secrets of one namespace, for whoever asks services there. */
  public Credentials in(String namespace) {
    return name -> {
      try {
        return switch (read(namespace, name)) {
          case Found found -> new Credentials.Present(found.data());
          case Missing missing -> new Credentials.Absent(missing.message());
        };
      } catch (KubernetesClientException e) {
        return new Credentials.Absent("the API server could not be asked for the Secret " + name);
      }
    };
  }

  private Result ask(String namespace, String name) {
    @Nullable Secret secret;
    try {
      secret = limit.within(() -> client.secrets().inNamespace(namespace).withName(name).get());
    } catch (KubernetesClientException e) {
      if (e.getCode() == 403) {
        return new Missing(
            "the operator may not read the Secret "
                + name
                + " in namespace "
                + namespace
                + ": let its service account get Secrets there");
      }
      throw e;
    }
    if (secret == null) {
      return new Missing(
          "the Secret " + name + " does not exist in namespace " + namespace + ": create it");
    }
    var data = new HashMap<String, String>();
    if (secret.getData() != null) {
      secret.getData().forEach((key, value) -> data.put(key, decode(value)));
    }
    return new Found(
        name,
        secret.getType(),
        data,
        secret.getMetadata().getUid() + "/" + secret.getMetadata().getResourceVersion());
  }

  /** The keys of a Secret, for a message that says which one is missing. */
  public static String keys(Found secret) {
    return secret.data().isEmpty()
        ? "it has none"
        : "it has "
            + Text.line(String.join(", ", secret.data().keySet().stream().sorted().toList()), 200);
  }

  private static String decode(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }
}
