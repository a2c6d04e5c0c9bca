package dev.drydock.api.v1alpha1.common;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A container of the user's own; it runs in a pod of the same namespace. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Container(
    @Required
        @Size(min = 1, max = 512)
        @Pattern(Formats.IMAGE)
        @JsonPropertyDescription("The image, for example registry.example.com/upgrade:1.")
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
    @Size(min = 1, max = 253)
        @Pattern(Formats.OBJECT_NAME)
        @JsonPropertyDescription(
            "ServiceAccount of the pod, in the same namespace. Default: default, without a token.")
        @Nullable String serviceAccountName) {

  public Container {
    command = command == null ? List.of() : List.copyOf(command);
    args = args == null ? List.of() : List.copyOf(args);
    env = env == null ? List.of() : List.copyOf(env);
    imagePullSecrets = imagePullSecrets == null ? List.of() : List.copyOf(imagePullSecrets);
  }
}
