package dev.drydock.api.v1alpha1.maintenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.api.v1alpha1.hosthealth.JsonExpectation;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What must be so on a host after work was done there. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.systemd) || has(self.pm2) || has(self.http) || has(self.logs)",
    message = "verify something: set systemd, pm2, http or logs")
public record Verify(
    @JsonPropertyDescription("systemd units are active, or few have failed.")
        @Nullable VerifySystemd systemd,
    @JsonPropertyDescription("PM2 processes are online.") @Nullable VerifyPm2 pm2,
    @Size(min = 1, max = 20) @JsonPropertyDescription("Endpoints answer as expected.")
        List<VerifyHttp> http,
    @JsonPropertyDescription("No new log lines of a pattern.") @Nullable VerifyLogs logs,
    @Default("2m")
        @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription(
            "How long all of it may take to become so; it is looked at again until then. Default"
                + " 2m.")
        @Nullable String timeout) {

  public Verify {
    http = http == null ? List.of() : List.copyOf(http);
  }

  /** Demands on systemd units. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "has(self.units) || has(self.failedUnits)",
      message = "set units, failedUnits, or both")
  public record VerifySystemd(
      @Size(min = 1, max = 50)
          @JsonPropertyDescription("Units that must be active; .service may be left out.")
          List<@Size(min = 1, max = 255) @Pattern(Formats.UNIT) String> units,
      @Min(0)
          @Max(1000)
          @JsonPropertyDescription("How many units may be in state failed at the most.")
          @Nullable Integer failedUnits) {

    public VerifySystemd {
      units = units == null ? List.of() : List.copyOf(units);
    }
  }

  /** Demands on PM2 processes. */
  public record VerifyPm2(
      @Required
          @ValidationRule(
              value = "self",
              message = "allOnline: false demands nothing: set it to true, or leave pm2 out")
          @JsonPropertyDescription("True: every process must be online.")
          Boolean allOnline) {}

  /** Demands on an endpoint. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record VerifyHttp(
      @Required
          @Size(max = 1024)
          @Pattern(Formats.HTTP_URL)
          @JsonPropertyDescription("What is fetched with GET. Redirects are not followed.")
          String url,
      @Default("true")
          @JsonPropertyDescription(
              "True: fetched on the host itself, so that localhost is the host's own. False: from"
                  + " the pod. Default true.")
          @Nullable Boolean viaHost,
      @Min(100) @Max(599) @JsonPropertyDescription("The status that is expected. Default 200.")
          @Nullable Integer status,
      @JsonPropertyDescription("What the answer must hold as JSON.") @Nullable JsonExpectation json,
      @JsonPropertyDescription(
              "True: an endpoint that refuses the connection is fine. Default false.")
          @Nullable Boolean optional) {}

  /** Limits of new log lines. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "[has(self.pm2), has(self.journal), has(self.file)].filter(x, x).size() == 1",
      message = "set exactly one of pm2, journal and file")
  public record VerifyLogs(
      @Size(min = 1, max = 128)
          @Pattern(Formats.PROCESS)
          @JsonPropertyDescription("all, or the name of a PM2 process whose logs are read.")
          @Nullable String pm2,
      @Size(min = 1, max = 255)
          @Pattern(Formats.UNIT)
          @JsonPropertyDescription("A systemd unit whose journal is read.")
          @Nullable String journal,
      @Size(max = 1024)
          @Pattern(Formats.ABSOLUTE_PATH)
          @JsonPropertyDescription("A log file that is read.")
          @Nullable String file,
      @Required
          @Size(min = 1, max = 256)
          @JsonPropertyDescription(
              "A POSIX extended regular expression that lines are matched with. Case matters:"
                  + " [Ee][Rr][Rr][Oo][Rr] finds ERROR, too.")
          String pattern,
      @Min(0)
          @Max(1000000)
          @JsonPropertyDescription(
              "More matching lines than this since the work began fail it. Default 0.")
          @Nullable Integer newLinesAbove) {}
}
