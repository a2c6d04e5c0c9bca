package dev.drydock.api.v1alpha1.bluegreen;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.EnvironmentVariable;
import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.api.v1alpha1.common.Resources;
import dev.drydock.api.v1alpha1.common.SecretReference;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a new version has to pass. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.jobs) != has(self.remote)",
    message = "a gate is exactly one of jobs (in the cluster) and remote (on a host)")
public record Gate(
    @Required
        @Size(min = 1, max = 63)
        @Pattern(Formats.NAME)
        @JsonPropertyDescription("The gate's name, unique in this deployment.")
        String name,
    @Size(min = 1, max = 20)
        @ValidationRule(
            value = "self.all(j, self.exists_one(k, k.name == j.name))",
            message = "every job of a gate needs a name of its own")
        @JsonPropertyDescription(
            "Jobs in the cluster, one after the other. One that fails, or is killed, fails the"
                + " gate.")
        List<GateJob> jobs,
    @JsonPropertyDescription(
            "A real machine outside the cluster: the new version is brought up there, and its logs"
                + " are watched.")
        @Nullable Remote remote) {

  public Gate {
    jobs = jobs == null ? List.of() : List.copyOf(jobs);
  }

  /** One Job. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record GateJob(
      @Required
          @Size(min = 1, max = 63)
          @Pattern(Formats.NAME)
          @JsonPropertyDescription("The job's name, unique in this gate.")
          String name,
      @Required
          @Size(min = 1, max = 512)
          @Pattern(Formats.IMAGE)
          @JsonPropertyDescription("The image, for example registry.example.com/ci:1.")
          String image,
      @Size(min = 1, max = 50)
          @JsonPropertyDescription("The program and its arguments. Default: the image's own.")
          List<@Size(max = 4096) String> command,
      @Size(min = 1, max = 50) @JsonPropertyDescription("Arguments. Default: the image's own.")
          List<@Size(max = 4096) String> args,
      @Size(min = 1, max = 50) @JsonPropertyDescription("Environment variables.")
          List<EnvironmentVariable> env,
      @JsonPropertyDescription("What it gets of a node.") @Nullable Resources resources,
      @Size(min = 1, max = 10) @JsonPropertyDescription("Secrets with which the image is pulled.")
          List<SecretReference> imagePullSecrets,
      @Default("3600")
          @Min(10)
          @Max(86400)
          @JsonPropertyDescription("Seconds after which it is ended as failed. Default 3600.")
          @Nullable Integer activeDeadlineSeconds) {

    public GateJob {
      command = command == null ? List.of() : List.copyOf(command);
      args = args == null ? List.of() : List.copyOf(args);
      env = env == null ? List.of() : List.copyOf(env);
      imagePullSecrets = imagePullSecrets == null ? List.of() : List.copyOf(imagePullSecrets);
    }
  }

  /** A machine outside the cluster. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value =
          "!has(self.watchLogs) || duration(self.watchLogs.duration).getSeconds() <"
              + " self.activeDeadlineSeconds",
      message =
          "logs are watched for longer than the gate may take: raise activeDeadlineSeconds above"
              + " watchLogs.duration")
  public record Remote(
      @Required
          @Size(min = 1, max = 63)
          @Pattern(Formats.NAME)
          @JsonPropertyDescription("Name of a Host in the same namespace; it must permit Deploy.")
          String host,
      @Required @JsonPropertyDescription("What is cloned, or brought to this revision.") Git git,
      @JsonPropertyDescription("Whether Docker is installed where it is missing.")
          @Nullable Docker docker,
      @Required @JsonPropertyDescription("What is brought up.") ComposeFiles compose,
      @JsonPropertyDescription(
              "How long logs are watched once it is up. Default: it is enough that it came up.")
          @Nullable WatchLogs watchLogs,
      @Default("3600")
          @Min(10)
          @Max(172800)
          @JsonPropertyDescription(
              "Seconds after which the gate is ended as failed, watching included. Default 3600.")
          @Nullable Integer activeDeadlineSeconds) {}

  /** Docker on a host. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Docker(
      @Default("Never")
          @JsonPropertyDescription(
              "IfMissing: Docker is installed from the distribution where it is missing; the Host"
                  + " must permit Update. Never: the gate fails. Default Never.")
          @Nullable Install install) {}

  /** Whether Docker is installed. */
  public enum Install {
    IfMissing,
    Never
  }

  /** A compose project. */
  public record ComposeFiles(
      @Required
          @Size(min = 1, max = 10)
          @JsonPropertyDescription("Compose files within git.directory; later ones override.")
          List<@Size(min = 1, max = 1024) @Pattern(Formats.RELATIVE_PATH) String> files) {

    public ComposeFiles {
      files = files == null ? List.of() : List.copyOf(files);
    }
  }

  /** Logs that are watched. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value =
          "duration(self.duration) >= duration('1s') && duration(self.duration) <="
              + " duration('24h')",
      message = "watchLogs.duration must be between 1s and 24h")
  public record WatchLogs(
      @Required
          @Size(max = 20)
          @Pattern(Formats.HOURS)
          @JsonPropertyDescription("How long, for example 10m.")
          String duration,
      @Required
          @Size(min = 1, max = 256)
          @ValidationRule(
              value = "[''.matches(self)].size() == 1",
              message = "failOn must be a regular expression (RE2)")
          @JsonPropertyDescription(
              "A regular expression (RE2); each line that it is found in is a failure, for example"
                  + " (?i)error|panic.")
          String failOn) {}
}
