package dev.drydock.api.v1alpha1.bluegreen;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
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

/** What is brought out, what it has to pass before, and how traffic is switched. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.workload) != has(self.compose)",
    message = "set exactly one of workload (Deployments in the cluster) and compose (on hosts)")
@ValidationRule(
    value = "!has(self.signer) || has(self.compose) || self.workload.replicas == 1",
    message = "a signer runs once: set workload.replicas to 1, or use compose")
@ValidationRule(
    value =
        "!has(self.signer) || !has(self.compose) || (has(self.compose.hosts.names) &&"
            + " self.compose.hosts.names.size() == 1)",
    message = "a signer runs once: set compose.hosts.names to one name")
@ValidationRule(
    value = "!has(self.signer) || !has(self.soak)",
    message =
        "a signer is never up in two colors, so there is nothing to watch side by side: leave soak"
            + " out, and set afterPromotion.watch")
@ValidationRule(
    value =
        "!has(self.signer) || !has(self.afterPromotion) ||"
            + " !has(self.afterPromotion.keepPrevious)",
    message = "a signer's previous color is stopped before the switch: leave keepPrevious out")
@ValidationRule(
    value = "has(self.signer) || !has(self.compose) || has(self.compose.colors)",
    message =
        "two colors run side by side on a host: set compose.colors to a port each, or signer if"
            + " they must not")
@ValidationRule(
    value =
        "!has(self.soak) || !has(self.compose) || has(self.compose.colors) ||"
            + " !self.soak.checks.exists(c, has(c.http) && !has(c.http.port))",
    message = "a soak check over http needs a port: set compose.colors, or http.port")
public record BlueGreenDeploymentSpec(
    @Size(min = 1, max = 20)
        @ValidationRule(
            value = "self.all(g, self.exists_one(h, h.name == g.name))",
            message = "every gate needs a name of its own")
        @JsonPropertyDescription(
            "What a new version has to pass before it is deployed, one after the other. Each must"
                + " end with 0 failures before the next begins.")
        List<Gate> gates,
    @JsonPropertyDescription(
            "Two Deployments in the cluster, <name>-blue and <name>-green, behind one Service.")
        @Nullable Workload workload,
    @JsonPropertyDescription(
            "Two compose projects on hosts outside the cluster, instead of workload. The Hosts must"
                + " permit Deploy.")
        @Nullable Compose compose,
    @JsonPropertyDescription(
            "Set this if two instances at once do damage, as with a validator's keys: the old color"
                + " is stopped, proven stopped, and the fence passes before the new one starts.")
        @Nullable Signer signer,
    @JsonPropertyDescription(
            "How long the new version is watched beside the old one before traffic is switched."
                + " Default: not at all.")
        @Nullable Soak soak,
    @Default("{\"mode\": \"Manual\"}")
        @JsonPropertyDescription("When traffic is switched. Default: when a person says so.")
        @Nullable Promotion promotion,
    @JsonPropertyDescription("What happens once traffic is switched.")
        @Nullable AfterPromotion afterPromotion,
    @JsonProperty("notify") @JsonPropertyDescription("Who is told.") @Nullable Notify notification,
    @Default("600")
        @Min(10)
        @Max(86400)
        @JsonPropertyDescription(
            "Seconds in which a color must become ready, else the deployment has failed. Default"
                + " 600.")
        @Nullable Integer progressDeadlineSeconds,
    @JsonPropertyDescription(
            "True: no new version is begun and no traffic is switched; timers go on. Default false.")
        @Nullable Boolean suspend) {

  public BlueGreenDeploymentSpec {
    gates = gates == null ? List.of() : List.copyOf(gates);
  }

  /** Never two colors at once. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "duration(self.fence) >= duration('13m') && duration(self.fence) <= duration('24h')",
      message = "fence must be between 13m, which is two epochs, and 24h")
  public record Signer(
      @Default("13m")
          @Size(max = 20)
          @Pattern(Formats.HOURS)
          @JsonPropertyDescription(
              "Time between the proof that the old color is stopped and the start of the new one;"
                  + " at least 13m, two epochs. Default 13m.")
          @Nullable String fence) {}

  /** When traffic is switched. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "!has(self.window) || self.mode == 'Automatic'",
      message = "window is for Automatic alone: a person chooses the time of a Manual promotion")
  @ValidationRule(
      value = "!has(self.deadline) || self.mode == 'Manual'",
      message = "deadline is for Manual alone: an Automatic promotion waits for nobody")
  public record Promotion(
      @Default("Manual")
          @JsonPropertyDescription(
              "Automatic: as soon as gates and soak have passed, and the window is open. Manual:"
                  + " when the annotation drydock.dev/promote=<revision> is set. Default Manual.")
          @Nullable PromotionMode mode,
      @JsonPropertyDescription("When an Automatic promotion may happen. Default: at any time.")
          @Nullable PromotionWindow window,
      @Size(max = 20)
          @Pattern(Formats.DURATION)
          @JsonPropertyDescription(
              "How long a Manual promotion is waited for; then the candidate is taken down, for"
                  + " example 72h. Default: for ever.")
          @Nullable String deadline) {}

  /** Who decides when traffic is switched. */
  public enum PromotionMode {
    Automatic,
    Manual
  }

  /** Times at which traffic may be switched. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value =
          "duration(self.duration) >= duration('1m') && duration(self.duration) <="
              + " duration('168h')",
      message = "a window's duration must be between 1m and 168h")
  public record PromotionWindow(
      @Required
          @Size(max = 100)
          @Pattern(Formats.CRON)
          @ValidationRule(value = Formats.CRON_FIRES, message = Formats.CRON_FIRES_MESSAGE)
          @ValidationRule(value = Formats.CRON_RANGES, message = Formats.CRON_RANGES_MESSAGE)
          @JsonPropertyDescription(
              "When the window opens, as five cron fields, with L, W and # as in Quartz.")
          String schedule,
      @Required
          @Size(max = 20)
          @Pattern(Formats.HOURS)
          @JsonPropertyDescription("How long it is open, for example 2h.")
          String duration,
      @Size(max = 64)
          @Pattern(Formats.TIME_ZONE)
          @ValidationRule(
              value = Formats.TIME_ZONE_EXISTS,
              message = Formats.TIME_ZONE_EXISTS_MESSAGE)
          @JsonPropertyDescription(
              "IANA time zone of schedule, for example Europe/Berlin. Default Etc/UTC.")
          @Nullable String timeZone) {}

  /** What happens once traffic is switched. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value =
          "!has(self.watch) || !has(self.keepPrevious) || duration(self.keepPrevious) >="
              + " duration(self.watch)",
      message = "keepPrevious must not be shorter than watch: there would be no way back")
  public record AfterPromotion(
      @Size(max = 20)
          @Pattern(Formats.HOURS)
          @JsonPropertyDescription(
              "How long the new color is watched with all traffic on it, by the checks of soak and"
                  + " by whether it runs; a failure switches back. Default: not at all.")
          @Nullable String watch,
      @Size(max = 20)
          @Pattern(Formats.HOURS)
          @JsonPropertyDescription(
              "How long the previous color stays up after the switch, so that the annotation"
                  + " drydock.dev/rollback is quick. Default: as long as watch.")
          @Nullable String keepPrevious) {}

  /** Who is told. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Notify(
      @Required
          @Size(min = 1, max = 20)
          @JsonPropertyDescription("Names of NotificationChannels in the same namespace.")
          List<@Size(min = 1, max = 63) @Pattern(Formats.NAME) String> channels,
      @JsonAlias("true")
          @Size(min = 1, max = 4)
          @JsonPropertyDescription(
              "What is told: Failed, AwaitingPromotion, Promoted, RolledBack. Default Failed,"
                  + " AwaitingPromotion and RolledBack.")
          List<Occasion> on) {

    public Notify {
      channels = channels == null ? List.of() : List.copyOf(channels);
      on = on == null ? List.of() : List.copyOf(on);
    }
  }

  /** What people can be told. */
  public enum Occasion {
    Failed,
    AwaitingPromotion,
    Promoted,
    RolledBack
  }
}
