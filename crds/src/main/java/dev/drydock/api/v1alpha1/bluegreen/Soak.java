package dev.drydock.api.v1alpha1.bluegreen;

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

/** How a new version is watched before traffic is switched to it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "duration(self.interval) >= duration('1s')",
    message = "interval must be at least 1s")
@ValidationRule(
    value =
        "duration(self.interval) < duration(self.duration) && duration(self.duration) <="
            + " duration('720h')",
    message = "duration must be longer than interval, and 720h at the most")
@ValidationRule(
    value =
        "duration(self.interval) < duration('1s') || self.checks.all(c, c.failureLimit <"
            + " duration(self.duration).getSeconds() / duration(self.interval).getSeconds())",
    message =
        "a failureLimit that is not below duration / interval can never be exceeded: lower it")
public record Soak(
    @Required
        @Size(max = 20)
        @Pattern(Formats.HOURS)
        @JsonPropertyDescription("How long, for example 24h.")
        String duration,
    @Default("1m")
        @Size(max = 20)
        @Pattern(Formats.HOURS)
        @JsonPropertyDescription("Time between two looks. Default 1m.")
        @Nullable String interval,
    @Required
        @Size(min = 1, max = 20)
        @ValidationRule(
            value = "self.all(c, self.exists_one(d, d.name == c.name))",
            message = "every check needs a name of its own")
        @JsonPropertyDescription("What is looked at, of both colors. Each has exactly one kind.")
        List<SoakCheck> checks) {

  public Soak {
    checks = checks == null ? List.of() : List.copyOf(checks);
  }

  /** One thing that is looked at. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "has(self.http) != has(self.prometheus)",
      message = "a check has exactly one kind; set one of http, prometheus")
  public record SoakCheck(
      @Required
          @Size(min = 1, max = 63)
          @Pattern(Formats.NAME)
          @JsonPropertyDescription("The check's name, unique in this deployment.")
          String name,
      @JsonPropertyDescription("The color answers as expected.") @Nullable SoakHttp http,
      @JsonPropertyDescription("A Prometheus query stays within a limit.")
          @Nullable SoakPrometheus prometheus,
      @Default("0")
          @Min(0)
          @Max(100000)
          @JsonPropertyDescription(
              "More failed looks at the candidate than this end the soak: it is taken down, and"
                  + " traffic stays. Default 0.")
          @Nullable Integer failureLimit) {}

  /** Demands on an answer. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record SoakHttp(
      @Required
          @Size(min = 1, max = 1024)
          @Pattern(Formats.URL_PATH)
          @JsonPropertyDescription("What is fetched with GET, for example /health.")
          String path,
      @Min(1)
          @Max(65535)
          @JsonPropertyDescription(
              "Default: the first port of the Service, or the color's own on its host.")
          @Nullable Integer port,
      @Min(100) @Max(599) @JsonPropertyDescription("The status that is expected. Default 200.")
          @Nullable Integer status,
      @JsonPropertyDescription("What the answer must hold as JSON.") @Nullable JsonExpectation json,
      @Size(max = 20)
          @Pattern(Formats.DURATION)
          @JsonPropertyDescription("How long an answer may take. Default 5s.")
          @Nullable String timeout) {}

  /** A limit of a Prometheus query. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "has(self.above) != has(self.below)",
      message = "set exactly one of above and below")
  public record SoakPrometheus(
      @Required
          @Size(max = 1024)
          @Pattern(Formats.HTTP_URL)
          @JsonPropertyDescription("Prometheus' address, without /api/v1.")
          String url,
      @Required
          @Size(min = 1, max = 1024)
          @JsonPropertyDescription(
              "A PromQL expression; the largest value of its result counts. $(COLOR) and"
                  + " $(REVISION) stand for those of the color that is looked at.")
          String query,
      @Size(max = 20)
          @Pattern(Formats.NUMBER)
          @JsonPropertyDescription("A value above this is a failure.")
          @Nullable String above,
      @Size(max = 20)
          @Pattern(Formats.NUMBER)
          @JsonPropertyDescription("A value below this is a failure.")
          @Nullable String below) {}
}
