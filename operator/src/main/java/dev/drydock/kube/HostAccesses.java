package dev.drydock.kube;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.host.HostSpec;
import dev.drydock.kernel.Durations;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostAccess.Identity;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Makes of a Host, its Secret and its jump hosts what an SSH session needs. */
public final class HostAccesses {
  private static final String TYPE = "kubernetes.io/ssh-auth";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Secrets secrets;
  private final BiFunction<String, String, Optional<Host>> hosts;

  /**
   * @param hosts finds a Host by namespace and name
   */
  public HostAccesses(Secrets secrets, BiFunction<String, String, Optional<Host>> hosts) {
    this.secrets = secrets;
    this.hosts = hosts;
  }

  /** Whether a host can be reached at all, as far as the cluster knows. */
  public sealed interface Result {}

  /**
   * Everything is there.
   *
   * @param timeout what the Host allows for one look
   */
  public record Access(HostAccess host, Duration timeout) implements Result {}

  /**
   * Something is missing that a person must add.
   *
   * @param reason a condition's reason
   */
  public record Unusable(String reason, String message) implements Result {}

  /** How to reach {@code host}. */
  public Result of(Host host) {
    return of(host, new HashSet<>());
  }

  /** What {@code host}'s probe may take. */
  public static Duration timeout(Host host) {
    HostSpec.@Nullable Probe probe = host.getSpec().probe();
    return Durations.parse(probe == null ? null : probe.timeout(), TIMEOUT);
  }

  private Result of(Host host, Set<String> seen) {
    String namespace = host.getMetadata().getNamespace();
    String name = host.getMetadata().getName();
    HostSpec spec = host.getSpec();
    if (!seen.add(name)) {
      return new Unusable(
          "JumpHostLoop", "the jump hosts lead in a circle: " + String.join(" → ", seen));
    }
    return switch (identity(namespace, spec.identity().secretName())) {
      case IdentityProblem problem -> new Unusable(problem.reason(), problem.message());
      case UsableIdentity(Identity identity) ->
          switch (jump(namespace, spec.jumpHost(), seen)) {
            case NoJump(Unusable unusable) -> unusable;
            case Jump(@Nullable HostAccess jump) ->
                new Access(
                    new HostAccess(
                        namespace + "/" + name,
                        spec.address(),
                        spec.port() == null ? 22 : spec.port(),
                        spec.user(),
                        identity,
                        spec.hostKeys().stream().map(HostAccesses::withoutComment).toList(),
                        jump),
                    timeout(host));
          };
    };
  }

  private sealed interface IdentityResult {}

  private record UsableIdentity(Identity identity) implements IdentityResult {}

  private record IdentityProblem(String reason, String message) implements IdentityResult {}

  private IdentityResult identity(String namespace, String name) {
    return switch (secrets.read(namespace, name)) {
      case Secrets.Missing missing -> new IdentityProblem("SecretNotFound", missing.message());
      case Secrets.Found secret -> {
        if (!TYPE.equals(secret.type())) {
          yield new IdentityProblem(
              "InvalidSecret",
              "the Secret " + name + " is of type " + secret.type() + ": it must be " + TYPE);
        }
        Optional<String> key = secret.value("ssh-privatekey");
        if (key.isEmpty()) {
          yield new IdentityProblem(
              "InvalidSecret",
              "the Secret " + name + " has an empty ssh-privatekey: put the private key there");
        }
        yield new UsableIdentity(
            new Identity(
                key.get() + "\n",
                secret.value("passphrase").orElse(null),
                secret.value("ssh-certificate").orElse(null)));
      }
    };
  }

  private sealed interface JumpResult {}

  private record Jump(@Nullable HostAccess host) implements JumpResult {}

  private record NoJump(Unusable why) implements JumpResult {}

  private JumpResult jump(String namespace, @Nullable String name, Set<String> seen) {
    if (name == null) {
      return new Jump(null);
    }
    Optional<Host> host = hosts.apply(namespace, name);
    if (host.isEmpty()) {
      return new NoJump(
          new Unusable(
              "JumpHostNotFound",
              "the jump host "
                  + name
                  + " does not exist in namespace "
                  + namespace
                  + ": create it"));
    }
    return switch (of(host.get(), seen)) {
      case Access access -> new Jump(access.host());
      case Unusable unusable ->
          new NoJump(
              new Unusable(
                  unusable.reason(),
                  "the jump host " + name + " can't be used: " + unusable.message()));
    };
  }

  /** A pinned key as {@code type base64}. */
  public static String withoutComment(String key) {
    String[] words = key.split(" ", 3);
    return words[0] + " " + words[1];
  }
}
