package dev.drydock.api.v1alpha1.host;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a host is reached, and what may be done there. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "self.sudo == 'Passwordless' || !self.permits.exists(p, p in ['Update', 'Reboot'])",
    message = "permits Update and Reboot need root: set sudo to Passwordless, or leave them out")
public record HostSpec(
    @Required
        @Size(min = 1, max = 253)
        @Pattern(Formats.ADDRESS)
        @JsonPropertyDescription("DNS name or IP address of the host's SSH server.")
        String address,
    @Default("22")
        @Min(1)
        @Max(65535)
        @JsonPropertyDescription("Port of the host's SSH server. Default 22.")
        @Nullable Integer port,
    @Required
        @Size(min = 1, max = 32)
        @Pattern(Formats.USER)
        @JsonPropertyDescription("User to log in as.")
        String user,
    @Required @JsonPropertyDescription("Where the user's private key is.") Identity identity,
    @Required
        @Size(min = 1, max = 10)
        @JsonPropertyDescription(
            "The host's public keys, as ssh-keyscan prints them without the name: type and base64."
                + " A host that shows any other key is refused: nothing is accepted silently.")
        List<@Size(max = 1400) @Pattern(Formats.HOST_KEY) String> hostKeys,
    @Default("None")
        @JsonPropertyDescription(
            "How the user becomes root: Passwordless (sudo without a password, proven by each probe)"
                + " or None. Default None.")
        @Nullable Sudo sudo,
    @Default("[\"Check\"]")
        @Size(min = 1, max = 7)
        @ValidationRule(
            value = "self.all(p, self.exists_one(q, q == p))",
            message = "name each permit once")
        @JsonPropertyDescription(
            "What other resources may do on this host. Whoever may edit a policy can't do more than"
                + " this. Default Check alone.")
        List<Permit> permits,
    @Size(min = 1, max = 63)
        @Pattern(Formats.NAME)
        @JsonPropertyDescription(
            "Another Host of the same namespace through whose SSH server this one is reached.")
        @Nullable String jumpHost,
    @Default("{\"interval\": \"1m\", \"timeout\": \"10s\"}")
        @JsonPropertyDescription("How often and how patiently the host is looked at.")
        @Nullable Probe probe,
    @JsonPropertyDescription(
            "True: the host is not looked at, and no work is done on it. Default false.")
        @Nullable Boolean suspend) {

  public HostSpec {
    hostKeys = hostKeys == null ? List.of() : List.copyOf(hostKeys);
    permits = permits == null ? List.of() : List.copyOf(permits);
  }

  /** Where a private key is. */
  public record Identity(
      @Required
          @Size(min = 1, max = 253)
          @Pattern(Formats.OBJECT_NAME)
          @JsonPropertyDescription(
              "Name of a Secret of type kubernetes.io/ssh-auth in the same namespace. Its key"
                  + " ssh-privatekey holds the private key; optional keys are passphrase and"
                  + " ssh-certificate. A changed Secret is picked up within a probe interval.")
          String secretName) {}

  /** How the SSH user becomes root. */
  public enum Sudo {
    Passwordless,
    None
  }

  /** What may be done on a host. */
  public enum Permit {
    Check,
    Restart,
    Update,
    Reboot,
    Command,
    Backup,
    Deploy
  }

  /** How a host is looked at. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "duration(self.timeout) < duration(self.interval)",
      message = "timeout must be shorter than interval")
  @ValidationRule(
      value = "duration(self.interval) >= duration('5s')",
      message = "interval must be at least 5s")
  @ValidationRule(
      value =
          "duration(self.timeout) >= duration('1s') && duration(self.timeout) <= duration('2m')",
      message = "timeout must be between 1s and 2m")
  public record Probe(
      @Default("1m")
          @Size(max = 20)
          @Pattern(Formats.HOURS)
          @JsonPropertyDescription("Time between two probes, at least 5s. Default 1m.")
          @Nullable String interval,
      @Default("10s")
          @Size(max = 20)
          @Pattern(Formats.HOURS)
          @JsonPropertyDescription(
              "Time that one probe gets, from connecting to the last answer. Default 10s.")
          @Nullable String timeout) {}
}
